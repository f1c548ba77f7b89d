"""What a task text means."""

from dataclasses import dataclass, field

__all__ = ['Noun', 'ParsedTask']


@dataclass(frozen=True)
class Noun:
    """A noun phrase: canonical name, attributes ("blue"), the part it is taken by ("handle"), and the word as said."""

    name: str
    attributes: tuple[str, ...] = ()
    part: str = ''
    said: str = field(default='', compare=False)

    def __str__(self) -> str:
        return ' '.join((*self.attributes, self.name))


@dataclass(frozen=True)
class ParsedTask:
    """A task text, taken apart.

    Attributes:
        text: As given.
        skill: Canonical skill ("pick_up"); empty when the text was not understood.
        target_noun: What is acted on; with a held object that is where it goes.
        other_nouns: The other objects, the most telling first (often the one in the hand).
        part: Where the target is taken ("handle"), empty when unsaid.
        problem: Why it was not understood, a sentence; empty otherwise.
        unknown_words: It may be an instruction, in words that the vocabulary lacks; a sentence embedding may still
            find the task. False for questions, negations and the like, where it would mislead.
    """

    text: str
    skill: str = ''
    target_noun: Noun = Noun('')
    other_nouns: tuple[Noun, ...] = ()
    part: str = ''
    problem: str = ''
    unknown_words: bool = False

    @property
    def understood(self) -> bool:
        """Whether a skill was found."""
        return bool(self.skill)

    @property
    def target(self) -> str:
        """Canonical name of what is acted on."""
        return self.target_noun.name

    @property
    def other(self) -> str:
        """Canonical name of the first other object; empty without one."""
        return self.other_nouns[0].name if self.other_nouns else ''

    @property
    def attributes(self) -> tuple[str, ...]:
        """Attributes of the target."""
        return self.target_noun.attributes

    def __str__(self) -> str:
        if not self.skill:
            return f'not understood: {self.problem}'
        text = f'{self.skill}({self.target_noun}'
        if self.part:
            text += f' by the {self.part}'
        return text + ''.join(f', {noun}' for noun in self.other_nouns) + ')'
