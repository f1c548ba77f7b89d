"""How wide the hand is open before it grasps: as it was taught, or narrower where it would meet the surroundings.

A cube taken out of a wide crate is often taught with a hand that is wide open; in a narrow one the fingers come down on
its walls. The hand may be opened less there, as long as the object as it is seen fits between the fingers.
"""

import numpy as np

from mt3_common import se3
from mt3_common.demonstration import Interaction
from mt3_executor.config import PlanningConfig
from mt3_executor.effect import between_fingers
from mt3_executor.gripper_events import gripper_events

__all__ = ['narrower', 'opened_less']

_PERCENTILE = 99.0  # beyond: flying pixels at the object's edge
_STEP = 0.1  # of the opening: further apart, one in between is tried before
_LEAST_CHANGE = 0.04  # of the opening: less is not worth another search
_TO_CLOSE = 0.1  # of the opening: the fingers must still have a way to close


def narrower(
    interaction: Interaction, bottlenecks: np.ndarray, seen_points: np.ndarray, config: PlanningConfig
) -> list[float]:
    """Return smaller openings to begin with, widest first; none when it does not begin open and then close.

    Args:
        interaction: As demonstrated.
        bottlenecks: (M, 4, 4) equally right T_base_bottleneck [m].
        seen_points: (N, 3) of the object as the camera saw them, base frame [m].
        config: Settings.
    """
    events = gripper_events(interaction.time_s, interaction.gripper_opening, config.gripper_event_tolerance)
    taught, width = float(interaction.gripper_opening[0]), interaction.gripper_max_width_m
    if config.grasp_margin_m == 0.0 or not events or events[0].opening >= taught:
        return []
    at = int(np.clip(np.searchsorted(interaction.time_s, events[0].time_s - 1e-9), 0, len(interaction.time_s) - 1))
    half = 0.0
    for T_base_bottleneck in bottlenecks:
        T_base_tcp = T_base_bottleneck @ interaction.T_bottleneck_tcp[at]
        between = between_fingers(T_base_tcp, seen_points, taught * width)
        if len(between):
            aside = np.abs(se3.transform_points(se3.inverse(T_base_tcp), between)[:, 1])
            half = max(half, float(np.percentile(aside, _PERCENTILE)))
    if half == 0.0:  # nothing of it was seen between the fingers
        return []
    needed = max(2.0 * (half + config.grasp_margin_m) / width, events[0].opening + _TO_CLOSE)
    if needed > taught - _LEAST_CHANGE:
        return []
    return [0.5 * (taught + needed), needed] if taught - needed > _STEP else [needed]


def opened_less(interaction: Interaction, opening: float, event_tolerance: float) -> Interaction:
    """Return an interaction that begins open with another opening; its first closing keeps its time and its end.

    Args:
        interaction: Begins open; its first gripper command closes.
        opening: To begin with, in [0, 1].
        event_tolerance: As for `gripper_events`.
    """
    old = interaction.gripper_opening
    closing = gripper_events(interaction.time_s, old, event_tolerance)[0]
    after = (interaction.time_s > closing.time_s) & (old <= closing.opening + event_tolerance)
    settled = int(after.argmax())
    share = (old[:settled] - closing.opening) / (old[0] - closing.opening)
    new = old.copy()
    new[:settled] = closing.opening + share * (opening - closing.opening)
    return Interaction(
        interaction.time_s, interaction.T_bottleneck_tcp, np.clip(new, 0.0, 1.0), interaction.gripper_max_width_m
    )
