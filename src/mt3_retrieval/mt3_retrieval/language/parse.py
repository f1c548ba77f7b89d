"""The structured parse of a task text: which skill, on what, with what.

The grammar is small: an instruction is a verb, perhaps a particle ("up"), an object, and phrases that
start with a preposition, in nearly any order. `vocabulary.SKILLS` says which of them make which skill.
"""

from dataclasses import dataclass, field, replace
from functools import lru_cache

from mt3_retrieval.language import vocabulary as v
from mt3_retrieval.language.parsed import Noun, ParsedTask
from mt3_retrieval.language.words import (
    canonical_attribute,
    canonical_noun,
    lemma,
    mistyped_verb,
    normalise,
    singular,
    strip_politeness,
)

__all__ = ['parse']

_PREPOSITIONS = sorted(((tuple(p.split()), r) for p, r in v.PREPOSITIONS.items()), key=lambda item: -len(item[0]))
_NEGATIONS = frozenset(
    {'not', "don't", 'dont', 'never', 'no', "won't", 'cannot', "can't", 'without', 'avoid', 'refrain'}
)
_QUESTIONS = frozenset(
    'what why how when who whom whose where which is are was were does did am has have had should shall whether'.split()
)
_CLAUSES = frozenset(
    {'that', 'which', 'who', 'so', 'because', 'while', 'until', 'before', 'after', 'when', 'if', 'where'}
)
_JOINTS = frozenset({'and', 'then', 'but'})
_DETERMINERS = v.DETERMINERS | {'me', 'us'}
_NO_NOUNS = frozenset({'up', 'down', 'out', 'away', 'off', 'on', 'forward', 'back', 'open', 'closed', 'shut', 'hold'})
_DIRECTIONS = frozenset({'left', 'right', 'forward', 'back', 'up', 'down'})
_SPLITTING = frozenset({'the', 'a', 'an', 'my', 'your', 'its', 'this', 'that', 'some'})
_FRONT_PARTICLES = (['clockwise'], ['anticlockwise'], ['left'], ['right'])
_MAX_WORDS = 40

_RULES: dict[str, list[tuple[str, v.SkillRule]]] = {}
for _skill, _rules in v.SKILLS.items():
    for _rule in _rules:
        for _verb in _rule.verbs:
            _RULES.setdefault(_verb, []).append((_skill, _rule))
_PREPOSITION_STARTS = frozenset(phrase[0] for phrase, _ in _PREPOSITIONS)


@dataclass
class _Sentence:
    """An instruction cut at its prepositions."""

    object: list[str] = field(default_factory=list)
    relations: dict[str, list[list[str]]] = field(default_factory=dict)


@lru_cache(maxsize=8192)
def parse(text: str) -> ParsedTask:
    """Return what a task text means. Never raises: a text that is not understood says why."""
    words = normalise(text)
    if not words:
        return ParsedTask(text, problem='the task text is empty')
    if len(words) > _MAX_WORDS:
        return ParsedTask(text, problem=f'{len(words)} words; say one short instruction, at most {_MAX_WORDS} words')
    words = strip_politeness(words)
    if any(word in _NEGATIONS for word in words):
        return ParsedTask(text, problem='it says what not to do; say what to do')
    if words[0] in _QUESTIONS:
        return ParsedTask(text, problem='it is a question, not an instruction such as "pick up the mug"')
    both = _two_instructions(words)
    if both:
        return ParsedTask(text, problem=f'it asks for two things ("{both[0]}" and "{both[1]}"); ask for one at a time')
    found = _best(words)
    if found is None:
        found = _best([mistyped_verb(words[0]) or words[0], *words[1:]])
    if found is None:
        return ParsedTask(
            text,
            problem='no known skill with an object was found in it; say for example "pick up the mug"',
            unknown_words=True,
        )
    skill, target, others, part = found
    return ParsedTask(text, skill, target, others, part)


def _two_instructions(words: list[str]) -> tuple[str, str] | None:
    for i, word in enumerate(words):
        if word in _JOINTS and 0 < i < len(words) - 1:
            rest = [w for w in strip_politeness(words[i + 1 :])]
            if lemma(rest[0]) and _best(words[:i]) and _best(rest):
                return ' '.join(words[:i]), ' '.join(rest)
    return None


def _best(words: list[str]) -> tuple[str, Noun, tuple[Noun, ...], str] | None:
    """Try every rule at every verb; return the reading that explains most."""
    best, best_score = None, float('-inf')
    for i, word in enumerate(words):
        verb = lemma(word)
        if not verb or (i > 0 and not _may_precede(words[:i])):
            continue
        for skill, rule in _RULES[verb]:
            reading = _read(words, i, skill, rule)
            if reading is not None and reading[0] - 1.5 * (i > 0) - 0.1 * i > best_score:
                best_score, best = reading[0] - 1.5 * (i > 0) - 0.1 * i, reading[1]
    return best


def _may_precede(words: list[str]) -> bool:
    """Whether words may stand before the verb: a phrase with a preposition, or the object ("the mug, pick it up")."""
    return bool(_preposition_at(words, 0)[1]) or words[0] in _SPLITTING or words in _FRONT_PARTICLES


def _read(words: list[str], i: int, skill: str, rule: v.SkillRule) -> tuple[float, tuple] | None:
    """Return (score, reading) of the sentence by one rule with its verb at i, or None."""
    rest, score = words[i + 1 :], 0.0
    if rule.particle:
        j = _particle_at(rest, rule.particle)
        if j is not None:
            rest = rest[:j] + rest[j + 1 :]
            score += 2.0
        elif words[:i] == [rule.particle]:  # "clockwise twist the knob"
            score += 3.5
        elif not rule.optional_particle:
            return None
    before, sentence = _cut(words[:i]), _cut(rest)
    if before.object:
        if not _noun(sentence.object).name or _noun(sentence.object).name in v.GENERIC_NOUNS:
            sentence.object = before.object
    for relation, chunks in before.relations.items():
        sentence.relations.setdefault(relation, []).extend(chunks)
    if v.OFF in sentence.relations and rule.needs != v.OFF:
        sentence.relations.setdefault(v.FROM, []).extend(sentence.relations.pop(v.OFF))
    part = _take_part(sentence, rule)
    nouns = {relation: _noun(chunks[0]) for relation, chunks in sentence.relations.items() if chunks}
    nouns = {relation: noun for relation, noun in nouns.items() if noun.name}
    if rule.target == 'object' and len(sentence.object) > 1 and sentence.object[-1] in _DIRECTIONS:
        part = part or sentence.object.pop()  # "push the box left"
    thing = _noun(sentence.object)
    if rule.needs and rule.needs not in nouns:
        return None
    score += 2.0 * bool(rule.needs)
    if rule.target == 'object':
        if not thing.name:  # "press on the button"
            relation = next((r for r in rule.other if r in nouns), '')
            if not relation:
                return None
            thing = nouns.pop(relation)
        target, others = thing, []
    else:
        target, others = nouns.pop(rule.target), [thing] if thing.name else []
    if not target.name or not _may_be(skill, lemma(words[i]), target.name, thing.name):
        return None
    named = [nouns.pop(relation) for relation in rule.other if relation in nouns]
    others = others + named if others and others[0].name not in v.GENERIC_NOUNS else named + others
    score += 0.5 * len(named) + 0.5 * bool(others) - 1.0 * len(nouns)
    others += list(nouns.values())
    if rule.target != 'object' and not others:
        score -= 1.0  # "push in the drawer" says nothing of what goes in
    if skill == 'push' and target.name in v.PRESSABLE and not others:
        skill = 'press'
    if target.name in v.VALVES:
        skill = {'open': 'turn_on', 'close': 'turn_off'}.get(skill, skill)
    return score, (skill, target, tuple(o for o in others if o.name not in v.GENERIC_NOUNS), part or target.part)


def _may_be(skill: str, verb: str, target: str, thing: str) -> bool:
    """Whether a skill makes sense with these nouns, where its verb may mean another."""
    if skill == 'swipe' and verb != 'swipe':
        return target in v.SWIPED_ON or thing in v.SWIPED
    if skill == 'insert' and verb in ('push', 'slide'):
        return target not in v.MARKS
    return True


def _particle_at(rest: list[str], particle: str) -> int | None:
    """Position of a particle: right after the verb, or at the end of the object."""
    for j, word in enumerate(rest):
        if word != particle:
            continue
        after = rest[j + 1 :]
        if j == 0 or not after or _preposition_at(after, 0)[1]:
            return j
        if particle not in v.PREPOSITIONS and particle not in v.ATTRIBUTES:
            return j
    return None


def _preposition_at(words: list[str], i: int) -> tuple[int, str]:
    """Return (number of words, relation) of the preposition at i; (0, '') without one."""
    if words[i] not in _PREPOSITION_STARTS:
        return 0, ''
    for phrase, relation in _PREPOSITIONS:
        if tuple(words[i : i + len(phrase)]) == phrase:
            return len(phrase), relation
    return 0, ''


def _cut(words: list[str]) -> _Sentence:
    """Cut words at prepositions, and where a determiner starts a new phrase ("on the plate the block")."""
    sentence, relation, chunk = _Sentence(), '', []

    def close() -> None:
        if not chunk:
            return
        if relation:
            sentence.relations.setdefault(relation, []).append(list(chunk))
        elif not sentence.object:
            sentence.object = list(chunk)
        chunk.clear()

    i = 0
    while i < len(words):
        length, found = _preposition_at(words, i)
        if length:
            close()
            relation, i = found, i + length
            continue
        starts = words[i] in _SPLITTING and chunk and chunk[-1] != 'of'
        if starts and relation and any(w not in _DETERMINERS for w in chunk):
            close()
            relation = ''
        chunk.append(words[i])
        i += 1
    close()
    return sentence


def _noun(words: list[str]) -> Noun:
    """Return the noun phrase that words are; relative clauses are dropped."""
    kept: list[str] = []
    for word in words:
        if word in _CLAUSES and kept:
            break
        if word not in _DETERMINERS and word not in v.ADVERBS:
            kept.append(word)
    if kept and kept[-1] in _NO_NOUNS:
        kept = kept[:-1] if len(kept) > 1 else []
    if 'of' in kept[1:-1]:
        i = kept.index('of', 1)
        head, tail = kept[:i], kept[i + 1 :]
        name, modifiers = canonical_noun(tuple(kept))
        if modifiers or name == ' '.join(kept):  # not a name such as "bar of soap"
            if head[-1] in v.PARTS or head[-1] in ('centre', 'center', 'front', 'back', 'inside', 'surface'):
                noun = _noun(tail)
                return replace(noun, part=v.PARTS.get(head[-1], ''))
            kept = head if head[-1] not in ('pair', 'piece', 'bit', 'set') else tail
    attributes = [canonical_attribute(w) for w in kept[:-1]]
    words_left = tuple(w for w, a in zip(kept[:-1], attributes, strict=True) if not a) + tuple(kept[-1:])
    whole, rest = canonical_noun(tuple(kept))
    if whole != ' '.join(kept):  # the attribute may belong to the name ("tall glass" not, "light switch" yes)
        name, modifiers = whole, rest
        attributes = [canonical_attribute(w) for w in rest]
        modifiers = tuple(w for w in rest if not canonical_attribute(w))
    else:
        name, modifiers = canonical_noun(words_left)
    said = singular(kept[-1]) if kept else ''
    return Noun(name, (*(a for a in attributes if a), *modifiers), said=said)


def _take_part(sentence: _Sentence, rule: v.SkillRule) -> str:
    """Take "by the handle" out of the sentence and return the part."""
    for relation in (v.BY, v.FROM, v.ON, v.WITH):
        chunks = sentence.relations.get(relation, [])
        if not chunks or relation in (rule.needs, rule.target) or (relation != v.BY and relation != v.FROM):
            continue
        words = [w for w in chunks[0] if w not in _DETERMINERS]
        part = v.PARTS.get(words[-1], '') if words else ''
        if part and len(words) <= 2:
            if relation == v.FROM and len(words) == 1 and words[0] not in ('handle', 'rim', 'neck', 'brim'):
                continue
            del sentence.relations[relation]
            return part
    return ''
