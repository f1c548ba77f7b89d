"""Words as data: skills and the ways to ask for them, noun synonyms, attributes, small words.

Add a word here and nowhere else. Canonical names are what the library stores and filters by.
"""

from mt3_retrieval.language.vocabulary.nouns import (
    ATTRIBUTE_SYNONYMS,
    ATTRIBUTES,
    GENERIC_NOUNS,
    NOUN_SYNONYMS,
    PARTS,
    RELATED_NOUNS,
)
from mt3_retrieval.language.vocabulary.phrases import (
    ADVERBS,
    DETERMINERS,
    IRREGULAR_VERBS,
    PARTICLE_PHRASES,
    POLITENESS,
    TRAILING,
)
from mt3_retrieval.language.vocabulary.skills import (
    BY,
    FROM,
    IN,
    MARKS,
    NEAR_SKILLS,
    NEXT,
    OFF,
    ON,
    PREPOSITIONS,
    PRESSABLE,
    SKILLS,
    SWIPED,
    SWIPED_ON,
    TO,
    VALVES,
    WITH,
    SkillRule,
)

__all__ = [
    'ADVERBS',
    'ATTRIBUTES',
    'ATTRIBUTE_SYNONYMS',
    'BY',
    'DETERMINERS',
    'FROM',
    'GENERIC_NOUNS',
    'IN',
    'IRREGULAR_VERBS',
    'MARKS',
    'NEAR_SKILLS',
    'NEXT',
    'NOUN_SYNONYMS',
    'OFF',
    'ON',
    'PARTICLE_PHRASES',
    'PARTS',
    'POLITENESS',
    'PREPOSITIONS',
    'PRESSABLE',
    'RELATED_NOUNS',
    'SKILLS',
    'SWIPED',
    'SWIPED_ON',
    'TO',
    'TRAILING',
    'VALVES',
    'WITH',
    'SkillRule',
]
