"""What retrieval answers."""

from dataclasses import dataclass, field

import numpy as np

from mt3_common.demonstration import Demonstration
from mt3_common.errors import Status
from mt3_common.scene import SceneObject
from mt3_retrieval.alignment import Alignment
from mt3_retrieval.language import ParsedTask

__all__ = ['Candidate', 'Retrieval']


@dataclass(frozen=True, eq=False)
class Candidate:
    """One pair of demonstration and scene object.

    Attributes:
        demonstration_id, task: The demonstration and its task text.
        object_id: In the scene.
        language, geometry: Similarities in [0, 1].
        alignment: None when the pair was not aligned.
        total: What the ranking sorts by; NaN when it was not aligned.
        reason: One line: why it is where it is.
    """

    demonstration_id: str
    task: str
    object_id: int
    language: float
    geometry: float
    alignment: Alignment | None = None
    total: float = float('nan')
    reason: str = ''


@dataclass(frozen=True, eq=False)
class Retrieval:
    """Which demonstration, on which object, aligned how, or why not.

    Attributes:
        status: OK, or the refusal. With LOW_CONFIDENCE, AMBIGUOUS and OBJECT_NOT_FOUND the fields below may hold the
            best answer found, to be looked at, not to be acted on.
        task: As asked.
        parsed: What was understood.
        demo: The demonstration; None when there is none.
        object: The scene object; None when there is none.
        T_base_bottleneck: (4, 4) where the tool must be when the interaction starts, live [m]; None without alignment.
        alternative_bottlenecks: Equally good ones of a symmetric object, one per `alignment.alternative_yaws` [m].
        alignment: Of the chosen pair.
        target_mask: (H, W) uint8, `mt3_common.scene.OBJECT` where the taught object is in the scene, `SURROUNDINGS`
            where something stands as it stood in the demonstration; None unless the status is OK.
        candidates: Best first.
        timing_s: Seconds per step.
    """

    status: Status
    task: str
    parsed: ParsedTask
    demo: Demonstration | None = None
    object: SceneObject | None = None
    T_base_bottleneck: np.ndarray | None = None
    alternative_bottlenecks: tuple[np.ndarray, ...] = ()
    alignment: Alignment | None = None
    target_mask: np.ndarray | None = None
    candidates: tuple[Candidate, ...] = ()
    timing_s: dict[str, float] = field(default_factory=dict)
