"""The steps of `mt3 calibrate`: collect, solve, show, write; or collect and check."""

import json
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from rich.console import Console
from rich.table import Table

from mt3_cli.up.prefix import package_share
from mt3_common import se3
from mt3_common.config import load_config, parse_config
from mt3_common.errors import InvalidInput, MT3Error, StatusCode
from mt3_common.messages import compressed_to_rgb, image_to_rgb
from mt3_common.robot import RobotConfig
from mt3_perception.calibration.board import CharucoBoard
from mt3_perception.calibration.camera_file import write_pose
from mt3_perception.calibration.check import Check, check_board, check_touch
from mt3_perception.calibration.collect import Collection, collect_bag
from mt3_perception.calibration.frames import camera_root, mounted_pose
from mt3_perception.calibration.hand_eye import HandEye, Mount, solve_hand_eye
from mt3_perception.config import PerceptionConfig

__all__ = ['CalibrationJob']


class CalibrationJob:
    """What all ways of calibrating share: board, frames, topics, words."""

    def __init__(
        self, console: Console, board: CharucoBoard, mount: Mount, camera: str, robot: Path | None, hand_frame: str
    ) -> None:
        config = load_config(RobotConfig, robot) if robot else RobotConfig()
        self.console, self.board, self.mount = console, board, mount
        self.base_frame, self.hand_frame = config.base_frame, hand_frame or config.tcp_frame
        self.file = _camera_file(camera)
        values = yaml.safe_load(self.file.read_text(encoding='utf-8'))['perception']['ros__parameters']
        self.config = parse_config(PerceptionConfig, values, str(self.file))

    @property
    def mount_frame(self) -> str:
        """What the camera is fixed to."""
        return self.base_frame if self.mount == 'base' else self.hand_frame

    def _collection(self) -> Collection:
        return Collection(self.base_frame, self.hand_frame)

    def from_bag(self, bag: Path) -> Collection:
        """Collect from a bag."""
        with self.console.status(f'looking for the board in {bag}'):
            return collect_bag(bag, self.config, self.base_frame, self.hand_frame, self.board)

    def _client(self) -> Any:
        from mt3_cli.calibration_client import CalibrationClient  # a bag needs no ROS

        return CalibrationClient(self._collection(), self.config)

    def live(self) -> Collection:
        """Collect pose by pose."""
        where = 'in the hand' if self.mount == 'base' else 'on the table'
        self.console.print(f'The board is fixed {where}. Move the arm, let it stand, press Enter; q and Enter ends.')
        with self._client() as client:
            while self.console.input(f'  pose {len(client.collection.samples) + 1}: ').strip().lower() != 'q':
                reason = client.look(self.board)
                seen = client.collection.samples
                self.console.print(f'    {reason or f"{len(seen[-1].view.ids)} corners"}', highlight=False)
            return client.collection

    def solve(self, collection: Collection, out: Path | None, publish: bool, dry_run: bool, as_json: bool) -> None:
        """Solve, show, write and publish."""
        found = solve_hand_eye(collection.samples, _K(collection), self.mount)
        optical = self.config.camera_frame or collection.optical_frame
        child = camera_root(collection.transforms, optical, self.base_frame, self.hand_frame)
        T_parent_child = mounted_pose(collection.transforms, found.T_mount_camera, optical, child)
        path = out or self.file
        note = f'mt3 calibrate, {date.today().isoformat()}: {len(found.residuals)} poses, {found.rms_px:.2f} pixel'
        if as_json:
            print(json.dumps(_as_dict(found, self.mount_frame, child, T_parent_child)))
        else:
            self._show(found, child, T_parent_child)
        if not dry_run:
            write_pose(path, self.mount_frame, child, T_parent_child, note, template=self.file)
            self.console.print(
                f'[green]written[/] {path}; the perception node publishes it when it is started again',
                highlight=False,
                soft_wrap=True,
            )
        if publish:
            self._publish(child, T_parent_child)

    def _publish(self, child: str, T_parent_child: np.ndarray) -> None:
        with self._client() as client:
            client.publish_static(self.mount_frame, child, T_parent_child)
            time.sleep(1.0)
            told = 'the running perception node accepts it' if client.accept() else 'no perception node is running'
            self.console.print(f'{self.mount_frame} -> {child} is on /tf_static until Ctrl-C; {told}')
            while True:
                time.sleep(1.0)

    def _show(self, found: HandEye, child: str, T_parent_child: np.ndarray) -> None:
        table = Table('pose', 'mm', 'degree', 'pixel', title='how far each picture disagrees')
        for number, r in enumerate(found.residuals, 1):
            row = f'{1e3 * r.distance_m:.2f}', f'{np.degrees(r.angle_rad):.3f}', f'{r.rms_px:.2f}'
            table.add_row(str(number), *row)
        self.console.print(table)
        x, y, z = T_parent_child[:3, 3]
        turns = ', '.join(f'{d:.0f}' for d in np.degrees(found.turns_rad))
        self.console.print(
            f'{self.mount_frame} -> {child}: ({x:.4f}, {y:.4f}, {z:.4f}) m; uncertain by '
            f'{1e3 * found.sigma_m:.2f} mm, {np.degrees(found.sigma_rad):.3f} degrees; {found.rms_px:.2f} pixel over '
            f'{len(found.residuals)} poses that turn by {turns} degrees',
            highlight=False,
            soft_wrap=True,
        )

    def check_board(self, collection: Collection, as_json: bool) -> None:
        """Show how much the board seems to move under the calibration that TF holds."""
        optical = self.config.camera_frame or collection.optical_frame
        if not collection.samples:
            raise MT3Error('the board was not seen', StatusCode.NO_DATA)
        T_mount_camera = collection.transforms.lookup(self.mount_frame, optical)
        found = check_board(collection.samples, _K(collection), self.mount, T_mount_camera)
        self._report(found, 'the board, which does not move, seems to move', as_json)

    def check_touch(self, as_json: bool) -> None:
        """Compare corners of a lying board with where the tool touches them."""
        with self._client() as client:
            self.console.input('Lay the board on the table, the arm out of the view, and press Enter: ')
            message = client.picture()
            rgb = image_to_rgb(message) if hasattr(message, 'encoding') else compressed_to_rgb(message)
            view = self.board.find(rgb)
            if view is None:
                raise MT3Error('the board is not seen, or too little of it', StatusCode.NO_DATA)
            optical = self.config.camera_frame or message.header.frame_id
            store = client.collection.transforms
            T_base_board = store.lookup(self.base_frame, optical) @ view.pose(_K(client.collection))
            corners, touched = [], []
            last = self.board.config.columns - 2
            for number in (0, last, len(self.board.corners) - 1, len(self.board.corners) - 1 - last):
                words = f'  Touch inner corner {number} with the tool tip, press Enter (q ends): '
                if self.console.input(words).strip().lower() == 'q':
                    break
                corners.append(self.board.corners[number])
                touched.append(store.lookup(self.base_frame, self.hand_frame)[:3, 3])
        if not corners:
            raise InvalidInput('no corner was touched')
        found = check_touch(T_base_board, np.array(corners), np.array(touched))
        self._report(found, 'where the tool touched, the camera sees the corner off', as_json)

    def _report(self, found: Check, what: str, as_json: bool) -> None:
        mm, degrees = 1e3 * found.distances_m, np.degrees(found.angles_rad)
        if as_json:
            clean = [None if np.isnan(d) else round(float(d), 4) for d in degrees]
            print(json.dumps({'distances_mm': mm.round(3).tolist(), 'angles_deg': clean}))
            return
        turned = '' if np.isnan(degrees).all() else f', {np.median(degrees):.2f} degrees'
        self.console.print(
            f'{what} by {np.median(mm):.1f} mm{turned} (median of {len(mm)}; worst {mm.max():.1f} mm)', soft_wrap=True
        )


def _K(collection: Collection) -> np.ndarray:
    if collection.camera is None:
        raise MT3Error('no camera_info arrived', StatusCode.NO_DATA)
    return collection.camera.K


def _camera_file(name: str) -> Path:
    """Path of a camera file: as given, or in the installed configuration (behind its link, so that it is kept)."""
    path = Path(name)
    if path.suffix != '.yaml':
        path = package_share('mt3_bringup') / 'config' / 'cameras' / f'{name}.yaml'
    if not path.is_file():
        there = ', '.join(sorted(p.stem for p in path.parent.glob('*.yaml')))
        raise InvalidInput(f'there is no camera file {path}; there are: {there or "none"}')
    return path.resolve()


def _as_dict(found: HandEye, parent: str, child: str, T_parent_child: np.ndarray) -> dict[str, Any]:
    return {
        'parent_frame': parent,
        'child_frame': child,
        'position_m': T_parent_child[:3, 3].round(6).tolist(),
        'quaternion_xyzw': se3.quaternion(T_parent_child).round(8).tolist(),
        'rms_px': round(found.rms_px, 4),
        'sigma_mm': round(1e3 * found.sigma_m, 4),
        'sigma_deg': round(float(np.degrees(found.sigma_rad)), 5),
        'turns_deg': np.degrees(found.turns_rad).round(2).tolist(),
        'poses': [
            {
                'distance_mm': round(1e3 * r.distance_m, 4),
                'angle_deg': round(float(np.degrees(r.angle_rad)), 5),
                'rms_px': round(r.rms_px, 4),
            }
            for r in found.residuals
        ],
    }
