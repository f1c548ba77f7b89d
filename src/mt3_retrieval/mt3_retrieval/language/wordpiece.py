"""The tokenizer of uncased BERT models: words, then the longest pieces the vocabulary knows."""

import unicodedata
from pathlib import Path

__all__ = ['WordPiece']

_MAX_WORD = 100


class WordPiece:
    """Text to token ids.

    Args:
        vocabulary: Path of `vocab.txt`, one token a line; the line number is the id.
    """

    def __init__(self, vocabulary: Path) -> None:
        tokens = vocabulary.read_text(encoding='utf-8').split('\n')
        self._ids = {token: i for i, token in enumerate(tokens) if token}
        self._cls, self._sep, self._unk = (self._ids[t] for t in ('[CLS]', '[SEP]', '[UNK]'))

    def encode(self, text: str, max_tokens: int = 128) -> list[int]:
        """Return the token ids of a text with the start and end marks, cut to `max_tokens`."""
        ids = [i for word in _words(text) for i in self._pieces(word)]
        return [self._cls, *ids[: max_tokens - 2], self._sep]

    def _pieces(self, word: str) -> list[int]:
        if len(word) > _MAX_WORD:
            return [self._unk]
        pieces, start = [], 0
        while start < len(word):
            for end in range(len(word), start, -1):
                piece = self._ids.get(('##' if start else '') + word[start:end])
                if piece is not None:
                    break
            else:
                return [self._unk]
            pieces.append(piece)
            start = end
        return pieces


def _words(text: str) -> list[str]:
    """Lower-case words without accents; every punctuation mark and every CJK character is a word."""
    text = unicodedata.normalize('NFD', text.lower())
    spaced = []
    for c in text:
        category = unicodedata.category(c)
        if category == 'Mn' or (category.startswith('C') and c not in '\t\n\r'):
            continue
        alone = category.startswith('P') or c in '$+<=>^`|~' or '\u4e00' <= c <= '\u9fff'
        spaced.append(f' {c} ' if alone else c)
    return ''.join(spaced).split()
