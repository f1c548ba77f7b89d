"""What a person would do with the tool in each task family, written relative to the target object.

The first waypoint is the bottleneck, 5 to 12 cm before anything is touched. Grasps leave room: on either side of
what is gripped there is more than a centimetre, so that a few millimetres and degrees of error do no harm.
The tool's tip ends 9.5 mm below the tcp, the hand's palm begins 37 mm above it.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from mt3_sim.experts.waypoint import Waypoint, top_down
from mt3_sim.objects.button import top_centre
from mt3_sim.objects.drawer import handle_centre
from mt3_sim.objects.peg import hole_centre

if TYPE_CHECKING:
    from mt3_sim.families.task_scene import TaskScene

__all__ = ['waypoints']

HALF_TURN, QUARTER_TURN = np.pi, 0.5 * np.pi
TIP = 0.0095  # from the tcp down to the end of the fingers [m]
NEAR, FREE = 0.07, 0.14  # speeds close to things and away from them [m/s]


def waypoints(scene: 'TaskScene') -> tuple[Waypoint, ...]:
    """Return the expert's way for a scene; the first waypoint is the bottleneck, the last the end."""
    return tuple(_SKILLS[scene.family](scene))


def _grasp(x: float, y: float, z: float, closing_yaw: float, opening: float, lift: float = 0.14) -> list[Waypoint]:
    """Return: from 8 cm above straight down, close, straight up."""
    return [
        Waypoint(top_down(x, y, z + 0.08, closing_yaw), FREE, opening, 'bottleneck', tight=False),
        Waypoint(top_down(x, y, z, closing_yaw), NEAR, 0.0),
        Waypoint(top_down(x, y, z + lift, closing_yaw), 0.1, event='end', tight=False),
    ]


def _pick_mug(scene: 'TaskScene') -> list[Waypoint]:
    size = scene.model(scene.target).parameters
    # the wall opposite of the handle: one finger goes inside
    return _grasp(-(size.radius - 0.5 * size.wall), 0.0, size.height - 0.012, 0.0, opening=0.75)


def _pick_mug_handle(scene: 'TaskScene') -> list[Waypoint]:
    size = scene.model(scene.target).parameters
    x = size.radius + size.handle_reach - size.handle_radius - 0.002
    # not lower than what keeps the palm over the rim
    z = max(0.68 * size.height, size.height - 0.029)
    return _grasp(x, 0.0, z, QUARTER_TURN, opening=0.75)


def _pick_box(scene: 'TaskScene') -> list[Waypoint]:
    size = scene.model(scene.target).parameters
    return _grasp(0.0, 0.0, max(size.height - 0.022, 0.018), QUARTER_TURN, opening=1.0)


def _pick_bottle(scene: 'TaskScene') -> list[Waypoint]:
    model = scene.model(scene.target)
    return _grasp(0.0, 0.0, model.height - 0.022, 0.0, opening=0.8)


def _open_drawer(scene: 'TaskScene') -> list[Waypoint]:
    size = scene.model(scene.target).parameters
    x, y, z = handle_centre(size)
    pulled = x + min(size.travel - 0.012, 0.105)
    return [
        # half closed: the inner finger goes between handle and front
        Waypoint(top_down(x, y, z + 0.08, 0.0), FREE, 0.4, 'bottleneck', tight=False),
        Waypoint(top_down(x, y, z, 0.0), NEAR, 0.0),
        Waypoint(top_down(pulled, y, z, 0.0), NEAR, 0.4),
        Waypoint(top_down(pulled, y, z + 0.08, 0.0), 0.1, event='end', tight=False),
    ]


def _press_button(scene: 'TaskScene') -> list[Waypoint]:
    size = scene.model(scene.target).parameters
    x, y, z = top_centre(size)
    # the hand lies across the housing, so that the rising end is beside its thin side
    return [
        Waypoint(top_down(x, y, z + TIP + 0.07, QUARTER_TURN), FREE, 0.0, 'bottleneck', tight=False),
        Waypoint(top_down(x, y, z + TIP + 0.01, QUARTER_TURN), NEAR),
        Waypoint(top_down(x, y, z + TIP - size.travel - 0.002, QUARTER_TURN), 0.03),
        Waypoint(top_down(x, y, z + TIP + 0.07, QUARTER_TURN), 0.1, event='end', tight=False),
    ]


def _push_to_spot(scene: 'TaskScene') -> list[Waypoint]:
    size = scene.model(scene.target).parameters
    # two open fingers side by side touch the rear: the sled turns with them and does not slip off
    rear, z, yaw = -0.5 * size.length, 0.04, -QUARTER_TURN
    touching = rear - 0.009
    return [
        Waypoint(top_down(rear - 0.05, 0.0, z + 0.07, yaw), FREE, 0.72, 'bottleneck', tight=False),
        Waypoint(top_down(rear - 0.05, 0.0, z, yaw), NEAR),
        Waypoint(top_down(touching + scene.details['distance'], 0.0, z, yaw), NEAR),
        Waypoint(top_down(touching + scene.details['distance'] - 0.05, 0.0, z, yaw), 0.1),
        Waypoint(
            top_down(touching + scene.details['distance'] - 0.05, 0.0, z + 0.08, yaw), 0.1, event='end', tight=False
        ),
    ]


def _place_on_target(scene: 'TaskScene') -> list[Waypoint]:
    plate = scene.model(scene.target).parameters
    z = plate.floor + 0.003 + scene.details['grip_height']
    return [
        Waypoint(top_down(0.0, 0.0, z + 0.08, 0.0), FREE, event='bottleneck', tight=False),
        Waypoint(top_down(0.0, 0.0, z, 0.0), NEAR, 0.9),
        Waypoint(top_down(0.0, 0.0, z + 0.10, 0.0), 0.1, event='end', tight=False),
    ]


def _insert_peg(scene: 'TaskScene') -> list[Waypoint]:
    x, y, top = hole_centre(scene.model(scene.target).parameters)
    z = top + scene.details['grip_height']  # the peg's tip is level with the block's top
    return [
        Waypoint(top_down(x, y, z + 0.07, 0.0), FREE, event='bottleneck', tight=False),
        Waypoint(top_down(x, y, z + 0.008, 0.0), NEAR),
        Waypoint(top_down(x, y, z - 0.030, 0.0), 0.035, 0.9),
        Waypoint(top_down(x, y, z + 0.08, 0.0), 0.1, event='end', tight=False),
    ]


_SKILLS: dict[str, Callable[['TaskScene'], list[Waypoint]]] = {
    'pick_mug': _pick_mug,
    'pick_mug_handle': _pick_mug_handle,
    'pick_box': _pick_box,
    'pick_bottle': _pick_bottle,
    'open_drawer': _open_drawer,
    'press_button': _press_button,
    'push_to_spot': _push_to_spot,
    'place_on_target': _place_on_target,
    'insert_peg': _insert_peg,
}
