"""From raw text to words: normalising, lemmas of verbs, canonical nouns."""

import difflib
import re
import unicodedata
from functools import lru_cache

from mt3_retrieval.language import vocabulary as v

__all__ = ['VERBS', 'canonical_attribute', 'canonical_noun', 'lemma', 'normalise', 'singular', 'strip_politeness']

VERBS = frozenset(verb for rules in v.SKILLS.values() for rule in rules for verb in rule.verbs)
_NOUNS: dict[str, str] = {name: name for name in v.NOUN_SYNONYMS}
for _name, _others in v.NOUN_SYNONYMS.items():
    for _other in _others:
        _NOUNS.setdefault(_other.replace('-', ' '), _name)

_PARTICLES = sorted(v.PARTICLE_PHRASES.items(), key=lambda item: -len(item[0]))
# rarer verbs are left out: a word that looks like one (juggle, jiggle) is more often another word
_OFTEN_MISTYPED = (
    'pick', 'place', 'put', 'grab', 'lift', 'take', 'open', 'close', 'press', 'push', 'pull', 'pour', 'insert', 'turn',
    'remove', 'wipe', 'fold', 'unfold', 'stack', 'shake', 'wash', 'fill', 'hang', 'twist', 'stir', 'scoop', 'switch',
)  # fmt: skip
_TURNING = frozenset({'turn', 'rotate', 'twist', 'spin', 'steer', 'swivel'})
_LEADING = sorted((tuple(p.split()) for p in v.POLITENESS), key=len, reverse=True)
_TRAILING = sorted((tuple(p.split()) for p in v.TRAILING), key=len, reverse=True)


def normalise(text: str) -> list[str]:
    """Return the words of a text: lower case, no accents, no punctuation, `_` and `-` as blanks."""
    text = unicodedata.normalize('NFKD', text.replace('\u2019', "'")).lower()
    text = ''.join(c for c in text if not unicodedata.combining(c))
    text = re.sub(r'\bt[- ]shirt', 'tshirt', text)
    text = re.sub(r'([a-z0-9])[-_/]([a-z0-9])', r'\1 \2', text.replace('_', ' '))
    text = re.sub(r"[^\w' ]+", ' ', text)
    text = re.sub(r"'s\b(?<!let's)(?<!it's)", '', text)
    text = ' '.join(text.split())
    text = re.sub(r'\bgive (.+?) an? (\w+)((?: with| using| in| on)\b.*)?$', _give, text)
    text = re.sub(r'\buse (.+?) to (\w+) (.+)$', _use, text)
    for phrase, word in _PARTICLES:
        text = re.sub(rf'\b{phrase}\b', word, text)
    return text.split()


def _give(match: re.Match) -> str:
    """Return "shake the bottle" for "give the bottle a shake"."""
    return f'{match[2]} {match[1]}{match[3] or ""}' if lemma(match[2]) else match[0]


def _use(match: re.Match) -> str:
    """Return "wipe the table with the sponge" for "use the sponge to wipe the table"."""
    return f'{match[2]} {match[3]} with {match[1]}' if lemma(match[2]) else match[0]


def strip_politeness(words: list[str]) -> list[str]:
    """Return the words without what only wraps an instruction ("could you please ... for me")."""
    changed = True
    while changed and words:
        changed = False
        for phrase in _LEADING:
            if len(words) > len(phrase) and tuple(words[: len(phrase)]) == phrase:
                words, changed = words[len(phrase) :], True
                break
    changed = True
    while changed and words:
        changed = False
        for phrase in _TRAILING:
            if len(words) > len(phrase) and tuple(words[-len(phrase) :]) == phrase:
                turns = phrase[0] == 'right' and lemma(words[0]) in _TURNING  # "turn it right now"
                words, changed = words[: len(words) - len(phrase) + turns], True
                break
    return words


@lru_cache(maxsize=4096)
def lemma(word: str) -> str:
    """Return the verb that a word is a form of, or the empty string."""
    if word in v.IRREGULAR_VERBS:
        return v.IRREGULAR_VERBS[word]
    if word in VERBS:
        return word
    for ending in ('ing', 'ed', 'es', 's', 'd'):
        if word.endswith(ending):
            stem = word[: -len(ending)]
            for form in (stem, stem + 'e'):
                if form in VERBS:
                    return form
            if len(stem) > 2 and stem[-1] == stem[-2] and stem[:-1] in VERBS:
                return stem[:-1]
    return ''


def mistyped_verb(word: str) -> str:
    """Return the verb that a word nearly is ("plase"), or the empty string."""
    if len(word) < 3:
        return ''
    close = difflib.get_close_matches(word, _OFTEN_MISTYPED, 1, 0.8)
    return close[0] if close and close[0][0] == word[0] else ''


def singular(word: str) -> str:
    """Return a noun's singular, roughly; words that merely end in s are kept by the vocabulary."""
    if word in _NOUNS or len(word) < 4 or word.endswith('ss'):
        return word
    for ending, instead in (('ves', 'f'), ('ies', 'y'), ('shes', 'sh'), ('ches', 'ch'), ('xes', 'x'), ('s', '')):
        if word.endswith(ending):
            return word[: -len(ending)] + instead
    return word


def canonical_attribute(word: str) -> str:
    """Return the canonical attribute that a word is, or the empty string."""
    word = v.ATTRIBUTE_SYNONYMS.get(word, word)
    return word if word in v.ATTRIBUTES else ''


@lru_cache(maxsize=4096)
def canonical_noun(words: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Return (canonical noun, modifiers before it) of a noun phrase without determiners.

    The longest ending of the phrase that the vocabulary knows decides; an unknown phrase stays as it is.
    """
    if not words:
        return '', ()
    words = (*words[:-1], singular(words[-1]))
    for start in range(len(words)):
        phrase = ' '.join(words[start:])
        if phrase in _NOUNS:
            return _NOUNS[phrase], words[:start]
    return ' '.join(words), ()
