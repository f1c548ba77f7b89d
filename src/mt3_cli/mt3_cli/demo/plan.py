"""What a demo will do: which tasks are taught, where their objects stand, and in which words they are asked for."""

from dataclasses import dataclass

from mt3_common.errors import InvalidInput, StatusCode
from mt3_retrieval.language import parse, similarity
from mt3_sim import families

__all__ = ['DEFAULT_FAMILIES', 'DemoPlan', 'Round', 'TaskPlan', 'family_for', 'make_plan']

DEFAULT_FAMILIES = ('pick_mug', 'pick_bottle', 'open_drawer', 'press_button', 'place_on_target')
_ROUND_STRIDE = 1000  # keeps the seeds of lessons and rounds apart
_LESSONS = 8  # different scenes that a teacher would choose, per family


@dataclass(frozen=True)
class Round:
    """One execution: the words, the instance and the seed of where it stands."""

    words: str
    instance: str
    seed: int


@dataclass(frozen=True)
class TaskPlan:
    """One family: the seed of the taught scene and the rounds that follow."""

    family: str
    seed: int
    rounds: tuple[Round, ...]


@dataclass(frozen=True)
class DemoPlan:
    """Everything a demo will do."""

    tasks: tuple[TaskPlan, ...]
    seed: int

    @property
    def steps(self) -> int:
        """Lessons and rounds together."""
        return sum(1 + len(task.rounds) for task in self.tasks)


def make_plan(names: tuple[str, ...], seed: int, same: int = 2, novel: int = 1, words: str = '') -> DemoPlan:
    """Plan the lessons and rounds.

    Args:
        names: Task families, in the order of the lessons.
        seed: Of every scene.
        same, novel: Rounds with the taught object, and with another of its kind.
        words: How to ask; empty: in the family's other wordings, a different one each round.
    """
    return DemoPlan(tuple(_task(name, seed, same, novel, words) for name in names), seed)


def _task(name: str, seed: int, same: int, novel: int, words: str) -> TaskPlan:
    rounds = []
    for number in range(1, same + novel + 1):
        instance, round_seed = 'taught' if number <= same else 'novel', seed + _ROUND_STRIDE * number
        scene = families.set_up(name, round_seed, instance, round_seed)
        wordings = scene.wordings or (scene.task,)
        rounds.append(Round(words or wordings[(number - 1) % len(wordings)], instance, round_seed))
    return TaskPlan(name, families.teaching_seed(name, seed % _LESSONS), tuple(rounds))


def family_for(words: str) -> str:
    """Return the task family that a text asks for.

    Raises:
        InvalidInput: With code NO_DEMONSTRATION: the cell has no such task; names what it has.
    """
    asked = parse(words)
    scenes = {name: families.set_up(name, 0) for name in families.names()}
    scores = {
        name: max(similarity(asked, parse(text)) for text in (scene.task, *scene.wordings))
        for name, scene in scenes.items()
    }
    best = max(scores, key=scores.__getitem__)
    if scores[best] < 0.6:  # below, it is another task: the retrieval node draws the line near here too
        raise InvalidInput(
            f'the simulated cell cannot play {words!r}; it has: {"; ".join(s.task for s in scenes.values())}',
            StatusCode.NO_DEMONSTRATION,
        )
    return best
