"""What changes in the motion when the object here is larger or smaller than the demonstrated one.

Retrieval maps the bottleneck through the stretch of the object like a point of it: 8 cm over a mug become 10 cm over
one that is a quarter taller, and the same way down ends 2 cm too high. Two ways to make up for it:

- `contact`: the bottleneck moves so that the tool meets the object where it did, for its size; the path stays as it is.
- `path`: the path is stretched with the object: a longer drawer is pulled farther.
"""

from dataclasses import replace

import numpy as np

from mt3_common import se3
from mt3_common.demonstration import Interaction
from mt3_executor.gripper_events import gripper_events
from mt3_executor.ports import Retrieved

__all__ = ['contact_sample', 'stretched']

_LEAST = 0.01  # smaller stretches are noise of the alignment


def stretched(retrieved: Retrieved, how: str, event_tolerance: float) -> Retrieved:
    """Return the task for the size of the object here.

    Args:
        retrieved: With the stretch of its alignment.
        how: 'none', 'contact' or 'path', see above.
        event_tolerance: As for `gripper_events`.
    """
    S = retrieved.stretch
    if how == 'none' or S is None or np.abs(S - np.eye(3)).max() < _LEAST:
        return retrieved
    R = retrieved.T_base_bottleneck[0][:3, :3]
    S_bottleneck = R.T @ S @ R  # equally right bottlenecks turn with the object, and its stretch with them
    old = retrieved.interaction
    at = old.T_bottleneck_tcp[:, :3, 3] @ S_bottleneck.T
    if how == 'contact':
        k = contact_sample(old, retrieved.T_base_bottleneck[0], event_tolerance)
        shift = se3.make(None, at[k] - old.T_bottleneck_tcp[k, :3, 3])
        return replace(retrieved, T_base_bottleneck=retrieved.T_base_bottleneck @ shift)
    path = old.T_bottleneck_tcp.copy()
    path[:, :3, 3] = at
    return replace(retrieved, interaction=Interaction(old.time_s, path, old.gripper_opening, old.gripper_max_width_m))


def contact_sample(interaction: Interaction, T_base_bottleneck: np.ndarray, event_tolerance: float) -> int:
    """Return the sample at which the tool meets the object: its first gripper command, else where it is lowest."""
    events = gripper_events(interaction.time_s, interaction.gripper_opening, event_tolerance)
    if events:
        return int(np.searchsorted(interaction.time_s, events[0].time_s - 1e-9).clip(0, len(interaction.time_s) - 1))
    height = (T_base_bottleneck @ interaction.T_bottleneck_tcp)[:, 2, 3]
    return int(height.argmin())
