"""Whether the camera is still the one, and still where, it was when its calibration was accepted."""

from pathlib import Path
from typing import Literal

import numpy as np

from mt3_common import se3
from mt3_common.config import Config, setting
from mt3_common.errors import MT3Error, Status, StatusCode
from mt3_perception.background import Background, Registration, register, take_background
from mt3_perception.camera_model import CameraModel

__all__ = ['CalibrationWatch', 'WatchConfig']

_ADVICE = 'calibrate anew (`mt3 calibrate`), or call /mt3/accept_calibration if this is right'
_RECOGNISED = 0.3  # share of the background below which the view is another one


class WatchConfig(Config):
    """When a camera counts as moved."""

    mount: Literal['fixed', 'moving'] = setting('fixed', 'moving: on the arm; its pose and background change rightly')
    max_shift_m: float = setting(0.01, 'scenes are marked when camera pose or background moved further', 'm', ge=0.001)
    max_turn_rad: float = setting(0.02, 'scenes are marked when camera pose or background turned more', 'rad', ge=0.001)
    background: bool = setting(True, 'compare the background of each scene with that of the accepted one')
    reference_file: str = setting('', 'keeps the accepted scene (.npz) over restarts; empty: the first scene counts')


class CalibrationWatch:
    """Holds what was accepted: the camera's own data, its pose, the background. Not for several threads at once.

    Attributes:
        motion: Of the last scene against the accepted one; None: not compared.
    """

    def __init__(self, config: WatchConfig) -> None:
        self._config = config
        self._model: CameraModel | None = None
        self._T_base_camera: np.ndarray | None = None
        self._background: Background | None = None
        self.motion: Registration | None = None
        if config.reference_file and Path(config.reference_file).expanduser().is_file():
            self._load(Path(config.reference_file).expanduser())

    def accept(self) -> None:
        """Forget what was accepted: the next scene is."""
        self._model = self._T_base_camera = self._background = self.motion = None
        if self._config.reference_file:
            Path(self._config.reference_file).expanduser().unlink(missing_ok=True)

    def check_camera(self, model: CameraModel, T_base_camera: np.ndarray) -> Status:
        """Compare the camera's own data and its pose with the accepted ones; the first are accepted.

        Returns:
            CALIBRATION, they changed; else OK.
        """
        if self._model is None or self._T_base_camera is None:
            self._model, self._T_base_camera = model, T_base_camera
        changed = model.difference(self._model)
        if changed:
            return Status(StatusCode.CALIBRATION, f'camera_info changed: {changed}; {_ADVICE}')
        if self._config.mount == 'moving':
            return Status()
        distance, angle = se3.pose_error(self._T_base_camera, T_base_camera)
        if distance > self._config.max_shift_m or angle > self._config.max_turn_rad:
            words = f'the camera pose in TF changed by {self._words(distance, angle)}; {_ADVICE}'
            return Status(StatusCode.CALIBRATION, words)
        return Status()

    def check_background(
        self, depth_m: np.ndarray, K: np.ndarray, T_base_camera: np.ndarray, exclude: np.ndarray
    ) -> Status:
        """Compare what does not move with the accepted scene; the first is accepted.

        Args:
            depth_m: (H, W), NaN unknown [m].
            K: (3, 3) [pixel].
            T_base_camera: (4, 4) [m].
            exclude: (H, W) bool, objects and robot.

        Returns:
            CALIBRATION, the camera moved although its pose in TF did not; else OK.
        """
        if not self._config.background or self._config.mount == 'moving':
            return Status()
        live = take_background(depth_m, K, T_base_camera, exclude)
        if self._background is None:
            self._background = live
            self._store()
            return Status()
        self.motion = motion = register(self._background, live)
        if not motion.conclusive:
            return Status()
        if motion.share < _RECOGNISED:
            return Status(
                StatusCode.CALIBRATION,
                f'only {100 * motion.share:.0f} % of the background is where it was when the calibration was accepted: '
                f'the camera or the room moved; {_ADVICE}',
            )
        moved = motion.distance_m > self._config.max_shift_m or motion.angle_rad > self._config.max_turn_rad
        if moved and motion.misfit_m < 0.7 * motion.misfit_before_m:  # the movement explains the picture
            return Status(
                StatusCode.CALIBRATION,
                f'the camera was moved: the background lies {self._words(motion.distance_m, motion.angle_rad)} from '
                f'where it was; {_ADVICE}',
            )
        return Status()

    def _words(self, distance_m: float, angle_rad: float) -> str:
        config = self._config
        return (
            f'{1000 * distance_m:.1f} mm, {np.degrees(angle_rad):.2f} degrees '
            f'(limits {1000 * config.max_shift_m:.0f} mm, {np.degrees(config.max_turn_rad):.1f} degrees)'
        )

    def _store(self) -> None:
        if not self._config.reference_file:
            return
        path = Path(self._config.reference_file).expanduser()
        path.parent.mkdir(parents=True, exist_ok=True)
        model, view = self._model, self._background
        np.savez_compressed(
            path,
            points=view.points,
            normals=view.normals,
            cells=view.K,
            T_base_camera=view.T_base_camera,
            size=[model.width, model.height],
            K=model.K,
        )

    def _load(self, path: Path) -> None:
        try:
            with np.load(path) as file:
                self._model = CameraModel(*(int(v) for v in file['size']), file['K'])
                self._T_base_camera = file['T_base_camera']
                self._background = Background(file['points'], file['normals'], file['cells'], file['T_base_camera'])
        except (KeyError, ValueError, OSError) as error:
            raise MT3Error(
                f'watch.reference_file {path} cannot be read ({error}); delete it to accept the next scene',
                StatusCode.STORAGE,
            ) from error
