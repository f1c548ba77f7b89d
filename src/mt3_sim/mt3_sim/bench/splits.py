"""What changes between teaching and doing: the splits of the suite, one axis at a time."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mt3_common.errors import InvalidInput
from mt3_sim.bench import changes
from mt3_sim.families.family import Family
from mt3_sim.families.task_scene import TaskScene
from mt3_sim.objects.instances import Instance

__all__ = ['SPLITS', 'Split', 'get']

Change = Callable[[TaskScene, np.random.Generator], TaskScene]


@dataclass(frozen=True)
class Split:
    """How the scenes of a rollout differ from the taught one, beside pose and yaw over the whole workspace.

    Attributes:
        name: Of the split.
        text: What it is, for the report.
        instance: The taught object or another of its category.
        distractors: Fewest and most other objects.
        change: Of the scene.
        needs_held: It says something only of tasks that start with something in the hand.
    """

    name: str
    text: str
    instance: Instance = 'taught'
    distractors: tuple[int, int] = (2, 5)
    change: Change = lambda scene, rng: scene
    needs_held: bool = False

    def covers(self, family: Family) -> bool:
        """Return whether the split says anything of a task."""
        return not self.needs_held or getattr(family, 'held', None) is not None

    def scene(self, family: Family, seed: int) -> TaskScene:
        """Return the scene of a rollout; tasks of one seed share nothing, so that each is a trial of its own.

        Raises:
            MT3Error: With code UNREACHABLE, no pose was found.
        """
        rng = np.random.default_rng([seed, 23, zlib.crc32(family.name.encode())])
        count = int(rng.integers(self.distractors[0], self.distractors[1] + 1))
        return self.change(family.sample(rng, self.instance, seed, count), rng)


SPLITS = {
    split.name: split
    for split in (
        Split('seen', 'the taught instance, 2 to 5 other things around'),
        Split('unseen', 'another instance of the category, 2 to 5 other things around', 'novel'),
        Split('size', 'the taught instance 6 to 20 % larger or smaller', 'resized'),
        Split('camera', 'the camera stands elsewhere, by up to 25 degrees around the table', change=changes.camera),
        Split('noise', 'twice the depth noise', change=changes.noise),
        Split('distractors', '5 to 20 other things around, over the whole table', distractors=(5, 20)),
        Split('alone', 'nothing else on the table', distractors=(0, 0)),
        Split('height', 'the table is 2 to 5 cm higher or lower', change=changes.height),
        Split('friction', 'all friction is less by 20 to 50 %', change=changes.friction),
        Split('occlusion', 'a board stands before a part of the target', distractors=(0, 2), change=changes.occlusion),
        Split(
            'held shift',
            'what is in the hand sits in it up to 6 mm and 4 degrees otherwise',
            change=changes.held_shift,
            needs_held=True,
        ),
    )
}
"""Every split, by name."""


def get(name: str) -> Split:
    """Return a split by its name.

    Raises:
        InvalidInput: No such split.
    """
    if name not in SPLITS:
        raise InvalidInput(f'there is no split {name!r}; there are {", ".join(SPLITS)}')
    return SPLITS[name]
