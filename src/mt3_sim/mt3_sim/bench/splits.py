"""What changes between teaching and doing: the splits of the suite, one axis at a time."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from mt3_common import se3
from mt3_common.errors import InvalidInput
from mt3_sim import stage
from mt3_sim.families.family import Family
from mt3_sim.families.task_scene import TaskScene
from mt3_sim.objects.instances import Instance
from mt3_sim.scene_spec import SceneSpec

__all__ = ['SPLITS', 'Split', 'get']

Change = Callable[[SceneSpec, np.random.Generator], SceneSpec]


@dataclass(frozen=True)
class Split:
    """How the scenes of a rollout differ from the taught one, beside pose and yaw over the whole workspace.

    Attributes:
        name: Of the split.
        text: What it is, for the report.
        instance: The taught object or another of its category.
        distractors: Fewest and most other objects.
        change: Of the scene.
    """

    name: str
    text: str
    instance: Instance = 'taught'
    distractors: tuple[int, int] = (2, 5)
    change: Change = lambda spec, rng: spec

    def scene(self, family: Family, seed: int) -> TaskScene:
        """Return the scene of a rollout.

        Raises:
            MT3Error: With code UNREACHABLE, no pose was found.
        """
        rng = np.random.default_rng([seed, 23])
        count = int(rng.integers(self.distractors[0], self.distractors[1] + 1))
        scene = family.sample(rng, self.instance, seed, count)
        return replace(scene, spec=self.change(scene.spec, rng))


def _camera(spec: SceneSpec, rng: np.random.Generator) -> SceneSpec:
    """Move the camera about the middle of the table by up to 25 degrees, and 8 cm up or down."""
    camera = spec.camera or stage.default_camera()
    centre = se3.make(None, (0.5, 0.0, 0.0))
    turn = se3.from_yaw(np.radians(rng.uniform(-25.0, 25.0)))
    lift = se3.make(None, (0.0, 0.0, rng.uniform(-0.08, 0.08)))
    T = lift @ centre @ turn @ se3.inverse(centre) @ camera.T_base_camera
    return replace(spec, camera=replace(camera, T_base_camera=T))


def _noise(spec: SceneSpec, rng: np.random.Generator) -> SceneSpec:
    return replace(spec, camera=replace(spec.camera or stage.default_camera(), noise=2.0))


SPLITS = {
    split.name: split
    for split in (
        Split('seen', 'the taught instance, 2 to 5 other things around'),
        Split('unseen', 'another instance of the category, 2 to 5 other things around', 'novel'),
        Split('camera', 'the camera stands elsewhere, by up to 25 degrees around the table', change=_camera),
        Split('noise', 'twice the depth noise', change=_noise),
        Split('distractors', '6 to 9 other things around', distractors=(6, 9)),
        Split('alone', 'nothing else on the table', distractors=(0, 0)),
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
