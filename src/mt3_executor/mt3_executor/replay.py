"""A followed interaction becomes checked, timed stretches between the gripper's commands.

Checked is contact along the whole joint path (with what was grasped as part of the hand once it is lifted), the
limits of position, velocity, acceleration and torque of the timed result, and how far the tool path, as
controllers interpolate it, leaves the demonstrated one.
"""

from dataclasses import dataclass, replace

import numpy as np

from mt3_common import se3
from mt3_common.demonstration import Interaction
from mt3_common.errors import MT3Error, StatusCode
from mt3_executor.budget import RefusedError
from mt3_executor.carrying import Carrying
from mt3_executor.collision import CollisionWorld, Phase
from mt3_executor.config import PlanningConfig
from mt3_executor.gripper_events import gripper_events
from mt3_executor.obstacles import Obstacles
from mt3_executor.robot import ArmModel
from mt3_executor.timing import limit_violation, time_demonstrated, torque_violation
from mt3_executor.trajectory import JointTrajectory, Segment

__all__ = ['Piece', 'Replay', 'pieces_of']

# 1 mm and 0.5 degrees are what is promised; what lies between samples needs a little of it.
_REPLAY_M, _REPLAY_RAD = 0.85e-3, np.radians(0.45)
_GRASP_REACH_M = 0.05  # the target is between the fingers when it has points this near to the tcp
_HELD_SIZE_M = 0.35  # larger targets (a cabinet, a door) are not carried away
_LEAST_POINTS = 4  # of something that is carried


@dataclass(frozen=True)
class Piece:
    """Samples `first` to `last` of the interaction at one opening, and the command at the end (None: none)."""

    first: int
    last: int
    opening: float
    then_opening: float | None


def pieces_of(interaction: Interaction, time_s: np.ndarray, tolerance: float) -> list[Piece]:
    """Split an interaction, sampled at time_s (K,) [s], where the gripper acts."""
    pieces, first, opening = [], 0, float(interaction.gripper_opening[0])
    for event in gripper_events(interaction.time_s, interaction.gripper_opening, tolerance):
        last = int(np.clip(np.searchsorted(time_s, event.time_s - 1e-9), first, len(time_s) - 1))
        pieces.append(Piece(first, last, opening, event.opening))
        first, opening = last, event.opening
    return [*pieces, Piece(first, len(time_s) - 1, opening, None)]


class Replay:
    """Checks and times one interaction for any of its joint paths.

    Args:
        arm: The arm.
        world: What it must not touch.
        obstacles: What `world` was made of.
        interaction: As demonstrated.
        time_s: (K,) times of its samples [s].
        config: Settings.
        speed: Share of the demonstrated speed, in (0, 1].
    """

    def __init__(
        self,
        arm: ArmModel,
        world: CollisionWorld,
        obstacles: Obstacles,
        interaction: Interaction,
        time_s: np.ndarray,
        config: PlanningConfig,
        speed: float,
    ) -> None:
        self._arm, self._world, self._obstacles = arm, world, obstacles
        self._interaction, self._time_s, self._config, self._speed = interaction, time_s, config, speed
        self._pieces = pieces_of(interaction, time_s, config.gripper_event_tolerance)

    def check(self, path: np.ndarray) -> None:
        """Check a joint path (K, n) for contact.

        Raises:
            RefusedError: COLLISION, with the time and what touches what.
        """
        before = self._pieces[0].opening
        world, carrying = self._world, None
        try:
            for k, piece in enumerate(self._pieces):
                self._arm.set_opening(piece.opening)
                if k > 0 and piece.opening < self._pieces[k - 1].opening:
                    carrying = self._grasped(path[piece.first]) or carrying
                elif k > 0:  # let go: what was held from the start stays behind, too
                    carrying = None
                    if len(self._obstacles.held_points):
                        around = replace(self._obstacles, held_points=np.zeros((0, 3)))
                        world = CollisionWorld(self._arm, around, self._config.collision)
                self._check_piece(path[piece.first : piece.last + 1], piece, world, carrying)
        finally:
            self._arm.set_opening(before)

    def _check_piece(self, path: np.ndarray, piece: Piece, world: CollisionWorld, carrying: Carrying | None) -> None:
        # The tool moves at most 4 mm between samples; joints are checked as finely as the approach's.
        resolution = 2.0 * self._config.check_resolution_rad
        if carrying is None:
            found = world.first_contact(path, Phase.CONTACT, resolution)
        else:
            lets_go = piece.then_opening is not None and piece.then_opening > piece.opening
            found = carrying.first_contact(path, resolution, lets_go)
        if found is not None:
            raise RefusedError(
                f'at t = {self._time_s[piece.first + found[0]]:.2f} s of the interaction {found[1]}',
                StatusCode.COLLISION,
            )

    def _grasped(self, q: np.ndarray) -> Carrying | None:
        """Return the target on its way, grasped at joints q (n,); None when it is not carried away."""
        target = self._obstacles.object_points
        if not self._config.held_objects or len(target) < _LEAST_POINTS or np.ptp(target, axis=0).max() > _HELD_SIZE_M:
            return None
        in_hand = se3.transform_points(se3.inverse(self._arm.fk(q)), target)
        if np.linalg.norm(in_hand, axis=1).min() > _GRASP_REACH_M:
            return None
        return Carrying(self._arm, self._world, self._obstacles, q, self._config.collision)

    def time(self, path: np.ndarray) -> list[Segment]:
        """Time a joint path (K, n) as demonstrated, slower where the limits ask for it.

        Raises:
            RefusedError: LIMITS, with the joint, the time and the value.
        """
        segments = []
        for piece in self._pieces:
            trajectory, demo_time = self._time_piece(path, piece)
            broken = limit_violation(self._arm, trajectory, self._arm.config.max_velocity_scale) or torque_violation(
                self._arm, trajectory, self._config.max_torque_share, self._config.payload_kg
            )
            if broken:
                raise RefusedError(f'in the interaction {broken}', StatusCode.LIMITS)
            segments.append(Segment(trajectory, demo_time, piece.opening, piece.then_opening))
        slowdown = self.slowdown(segments)
        if slowdown > self._config.max_slowdown / self._speed:
            raise RefusedError(
                f'the velocity limits would make the interaction {slowdown:.1f} times slower than demonstrated '
                f'(limit {self._config.max_slowdown:g})',
                StatusCode.LIMITS,
            )
        self._check_tool_path(segments)
        return segments

    def _time_piece(self, path: np.ndarray, piece: Piece) -> tuple[JointTrajectory, np.ndarray]:
        first, last = piece.first, piece.last
        if last == first:  # the gripper acts at once; there is nothing to drive before
            return _standstill(path[first]), np.repeat(self._time_s[first], 2)
        try:
            return time_demonstrated(self._arm, self._time_s[first : last + 1], path[first : last + 1], self._speed)
        except MT3Error as error:
            raise RefusedError(f'the interaction cannot be timed: {error}', error.code) from error

    def slowdown(self, segments: list[Segment]) -> float:
        """Return how much longer the interaction takes than demonstrated, without starting and stopping."""
        rest = 0.2 * len([s for s in segments if s.trajectory.duration_s > 0.01])
        total = sum(s.trajectory.duration_s for s in segments) - rest / self._speed
        return max(1.0, total / self._interaction.duration_s)

    def _check_tool_path(self, segments: list[Segment]) -> None:
        """Check the timed tool path against the demonstrated one."""
        start, demo = self._arm.fk(segments[0].trajectory.position[0]), self._interaction
        for segment in segments:
            wanted = start @ se3.interpolate(demo.time_s, demo.T_bottleneck_tcp, segment.demo_time_s)
            there = np.array([self._arm.fk(q) for q in segment.trajectory.position])
            distance = np.linalg.norm(there[:, :3, 3] - wanted[:, :3, 3], axis=1)
            trace = np.einsum('kij,kij->k', there[:, :3, :3], wanted[:, :3, :3])
            angle = np.arccos(np.clip(0.5 * (trace - 1.0), -1.0, 1.0))
            bad = (distance > _REPLAY_M) | (angle > _REPLAY_RAD)
            if bad.any():
                k = int(bad.argmax())
                raise RefusedError(
                    f'the timed interaction leaves the demonstrated path by {distance[k] * 1e3:.1f} mm, '
                    f'{np.degrees(angle[k]):.2f} degrees at t = {segment.demo_time_s[k]:.2f} s (limits '
                    f'{_REPLAY_M * 1e3:g} mm, {np.degrees(_REPLAY_RAD):g} degrees): it bends too sharply',
                    StatusCode.LIMITS,
                )


def _standstill(q: np.ndarray) -> JointTrajectory:
    """Return a trajectory that stays at q for a moment."""
    zero = np.zeros((2, len(q)))
    return JointTrajectory(np.array([0.0, 0.01]), np.stack([q, q]), zero, zero)
