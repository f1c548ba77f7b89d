"""A demonstration: one scene, the object it is about, the bottleneck, and the interaction."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timezone

import numpy as np

from mt3_common import se3
from mt3_common.cameras import check_depth, check_intrinsics
from mt3_common.errors import InvalidInput

__all__ = ['Demonstration', 'Interaction', 'new_id']


def new_id() -> str:
    """Return a fresh demonstration id (32 hex digits)."""
    return uuid.uuid4().hex


@dataclass(frozen=True, eq=False)
class Interaction:
    """The demonstrated tool path from the bottleneck on, relative to the bottleneck.

    Attributes:
        time_s: (K,) from 0, strictly increasing, any rate [s].
        T_bottleneck_tcp: (K, 4, 4), the first is the identity [m].
        gripper_opening: (K,) commanded opening, 0 closed, 1 fully open.
        gripper_max_width_m: Distance between the fingers at opening 1 [m].

    Raises:
        InvalidInput: A field breaks what is written above.
    """

    time_s: np.ndarray
    T_bottleneck_tcp: np.ndarray
    gripper_opening: np.ndarray
    gripper_max_width_m: float

    def __post_init__(self) -> None:
        time_s = np.array(self.time_s, dtype=np.float64)
        T = np.array(self.T_bottleneck_tcp, dtype=np.float64)
        opening = np.array(self.gripper_opening, dtype=np.float64)
        count = len(time_s)
        if time_s.ndim != 1 or count < 2 or T.shape != (count, 4, 4) or opening.shape != (count,):
            raise InvalidInput(
                'interaction needs K >= 2 times (K,), poses (K, 4, 4) and openings (K,): '
                f'got {time_s.shape}, {T.shape}, {opening.shape}'
            )
        if not np.isfinite(time_s).all() or time_s[0] != 0.0 or np.any(np.diff(time_s) <= 0.0):
            raise InvalidInput('interaction times must be finite, start at 0 and increase strictly')
        se3.as_transform(T, 'T_bottleneck_tcp')
        distance, angle = se3.pose_error(T[0], np.eye(4))
        if distance > 1e-4 or angle > 1e-3:
            raise InvalidInput(
                f'interaction must start at the identity: its first pose is {distance * 1e3:.2f} mm '
                f'and {np.degrees(angle):.2f} degrees away; express it relative to the bottleneck'
            )
        if not np.isfinite(opening).all() or opening.min() < 0.0 or opening.max() > 1.0:
            raise InvalidInput(
                f'gripper openings must lie in [0, 1], 0 closed: got {opening.min():.3g} to {opening.max():.3g}'
            )
        if not (0.0 < self.gripper_max_width_m < 1.0):
            raise InvalidInput(f'gripper_max_width_m must lie in (0, 1): got {self.gripper_max_width_m}')
        for array, name in ((time_s, 'time_s'), (T, 'T_bottleneck_tcp'), (opening, 'gripper_opening')):
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    @property
    def duration_s(self) -> float:
        """Length in time [s]."""
        return float(self.time_s[-1])

    def resampled(self, period_s: float) -> 'Interaction':
        """Return the same path sampled every `period_s` [s], the last sample kept.

        Poses are interpolated; the opening is held from one sample to the next, since it is a command.
        """
        at = np.append(np.arange(0.0, self.duration_s - 1e-9, period_s), self.duration_s)
        before = np.searchsorted(self.time_s, at + 1e-9, side='right') - 1
        return Interaction(
            at,
            se3.interpolate(self.time_s, self.T_bottleneck_tcp, at),
            self.gripper_opening[before],
            self.gripper_max_width_m,
        )


@dataclass(frozen=True, eq=False)
class Demonstration:
    """One demonstration. It carries its own camera: nothing is taken from a global calibration.

    Attributes:
        task: Free text as taught.
        robot: Name as in config/robots.
        T_base_bottleneck: (4, 4) tcp pose at which the interaction starts [m].
        interaction: The path to replay.
        rgb: (H, W, 3) uint8, the scene before the arm enters the view.
        depth_m: (H, W) float32, aligned to rgb, NaN unknown [m].
        mask: (H, W) bool, the target object.
        K: (3, 3) pinhole intrinsics [pixel].
        T_base_camera: (4, 4), optical frame [m].
        support_height_m: Height of the surface under the object, base frame z [m]; NaN unknown.
        skill, target, other: Parsed from the task by the retrieval package; empty when unknown.
        dof: Degrees of freedom of the alignment, 4 or 6.
        stretch: An object of another size may be the same kind of thing; False: it is rigid, its size is known.
        refine: The alignment is polished; False: not, as suits things that are round but for noise.
        simulated: Recorded in simulation.
        success: Whether the demonstration itself reached its goal; None unknown.
        recorded_at: Acquisition time of the scene (UTC).
        provenance: Flat text pairs: operator, source bag and its hash, camera name, calibration.

    Raises:
        InvalidInput: A field breaks what is written above.
    """

    task: str
    robot: str
    T_base_bottleneck: np.ndarray
    interaction: Interaction
    rgb: np.ndarray
    depth_m: np.ndarray
    mask: np.ndarray
    K: np.ndarray
    T_base_camera: np.ndarray
    support_height_m: float = float('nan')
    skill: str = ''
    target: str = ''
    other: str = ''
    dof: int = 4
    stretch: bool = True
    refine: bool = True
    simulated: bool = False
    success: bool | None = None
    recorded_at: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    tags: tuple[str, ...] = ()
    notes: str = ''
    provenance: dict[str, str] = field(default_factory=dict)
    id: str = field(default_factory=new_id)

    def __post_init__(self) -> None:
        if not self.task.strip():
            raise InvalidInput('a demonstration needs a task text, such as "pick up the mug"')
        if not self.robot.strip():
            raise InvalidInput('a demonstration needs the name of its robot, as in config/robots')
        if self.dof not in (4, 6):
            raise InvalidInput(f'degrees of freedom of the alignment must be 4 or 6: got {self.dof}')
        object.__setattr__(self, 'T_base_bottleneck', se3.as_transform(self.T_base_bottleneck, 'T_base_bottleneck'))
        object.__setattr__(self, 'T_base_camera', se3.as_transform(self.T_base_camera, 'T_base_camera'))
        object.__setattr__(self, 'K', check_intrinsics(self.K))
        depth = check_depth(self.depth_m)
        object.__setattr__(self, 'depth_m', depth)
        mask, rgb = np.asarray(self.mask, dtype=bool), np.asarray(self.rgb)
        if mask.shape != depth.shape or rgb.shape != (*depth.shape, 3) or rgb.dtype != np.uint8:
            raise InvalidInput(
                f'depth {depth.shape}, mask {mask.shape} and rgb {rgb.shape} {rgb.dtype} must be one image: '
                '(H, W), (H, W) and (H, W, 3) uint8'
            )
        if not mask.any():
            raise InvalidInput('the mask of the target object is empty; choose the object again')
        object.__setattr__(self, 'mask', mask)
        object.__setattr__(self, 'rgb', rgb)
        if self.recorded_at.tzinfo is None:
            raise InvalidInput(f'recorded_at must carry a time zone: got {self.recorded_at.isoformat()}')
        object.__setattr__(self, 'tags', tuple(self.tags))

    def path_base(self) -> np.ndarray:
        """Return the demonstrated tcp path T_base_tcp (K, 4, 4) [m]."""
        return self.T_base_bottleneck @ self.interaction.T_bottleneck_tcp
