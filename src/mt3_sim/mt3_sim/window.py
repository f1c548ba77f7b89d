"""A window onto the running cell, for who has a display. It only looks: nothing in it moves the cell."""

import os

import mujoco

from mt3_common.errors import MT3Error, StatusCode
from mt3_sim.world import World

__all__ = ['Window', 'require_display']


def require_display() -> None:
    """Refuse early what would fail late.

    Raises:
        MT3Error: With code HARDWARE, there is no display.
    """
    if not (os.environ.get('DISPLAY') or os.environ.get('WAYLAND_DISPLAY')):
        raise MT3Error(
            'a window needs a display, and neither DISPLAY nor WAYLAND_DISPLAY is set; run without it',
            StatusCode.HARDWARE,
        )


class Window:
    """A passive viewer. `show` and `close` are called with the cell's lock held.

    Raises:
        MT3Error: With code HARDWARE, there is no display.
    """

    def __init__(self, world: World) -> None:
        require_display()
        self._world = world
        self._model: mujoco.MjModel | None = None
        self._viewer = None

    def show(self) -> None:
        """Draw the present instant; opens another window when a reset has changed what there is."""
        import mujoco.viewer

        if self._model is not self._world.model:
            self.close()
            self._model = self._world.model
            self._viewer = mujoco.viewer.launch_passive(
                self._model, self._world.data, show_left_ui=False, show_right_ui=False
            )
        if self._viewer.is_running():
            self._viewer.sync()

    def close(self) -> None:
        """Close the window."""
        if self._viewer is not None:
            self._viewer.close()
            self._viewer = None
