"""What a run leaves behind: request, scene, overlay, plan, executed joints, result."""

import csv
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from mt3_common.scene import Scene
from mt3_executor.trajectory import TaskPlan

__all__ = ['RunRecord']


class RunRecord:
    """Writes the files of one run into a folder; with no folder it does nothing.

    A second attempt writes `scene_2.npz` and so on.
    """

    def __init__(self, folder: Path | None, joint_names: tuple[str, ...] = ()) -> None:
        self.folder, self.joint_names = folder, joint_names
        self.attempt = 1

    def _path(self, name: str) -> Path | None:
        if self.folder is None:
            return None
        stem, dot, ending = name.partition('.')
        return self.folder / (name if self.attempt == 1 else f'{stem}_{self.attempt}{dot}{ending}')

    def json(self, name: str, values: dict[str, Any]) -> None:
        """Write plain values."""
        path = self._path(name)
        if path is not None:
            path.write_text(json.dumps(values, indent=1, default=_plain) + '\n', encoding='utf-8')

    def picture(self, name: str, encoded: bytes) -> None:
        """Write an encoded picture as it came."""
        path = self._path(name)
        if path is not None and encoded:
            path.write_bytes(encoded)

    def scene(self, scene: Scene, name: str = 'scene') -> None:
        """Write the scene as arrays (`scene.npz`) and its colour picture."""
        path = self._path(f'{name}.npz')
        if path is None:
            return
        np.savez_compressed(
            path,
            stamp_s=scene.stamp_s,
            rgb=scene.rgb,
            depth_mm=np.nan_to_num(scene.depth_m * 1000.0).round().astype(np.uint16),
            labels=scene.labels,
            K=scene.K,
            T_base_camera=scene.T_base_camera,
            support_height_m=scene.support_height_m,
            base_frame=scene.base_frame,
            camera_frame=scene.camera_frame,
        )
        Image.fromarray(scene.rgb).save(path.with_suffix('.png'))

    def plan(self, plan: TaskPlan) -> None:
        """Write the plan: what was decided and why (`plan.json`), and its trajectories (`plan.npz`)."""
        path = self._path('plan.npz')
        if path is None:
            return
        self.json(
            'plan.json',
            {
                'status': str(plan.status),
                'alternative': plan.alternative,
                'T_base_bottleneck': plan.T_base_bottleneck,
                'gripper_opening': plan.opening,
                'conceded': plan.conceded,
                'gripper_events': [
                    {'after_segment': k, 'opening': s.then_opening}
                    for k, s in enumerate(plan.segments)
                    if s.then_opening is not None
                ],
                'margins': plan.margins,
                'timing_s': plan.timing_s,
                'rejected': [{**asdict(r), 'code': r.code.name} for r in plan.rejected],
            },
        )
        arrays = {'joint_names': np.array(self.joint_names)}
        parts = [('approach', plan.approach)] if plan.approach else []
        parts += [(f'segment_{k}', s.trajectory) for k, s in enumerate(plan.segments)]
        for name, trajectory in parts:
            for key in ('time_s', 'position', 'velocity', 'acceleration'):
                arrays[f'{name}_{key}'] = getattr(trajectory, key)
        np.savez_compressed(path, **arrays)

    def joints(self, rows: list[tuple[float, np.ndarray, np.ndarray]]) -> None:
        """Write measured joints (`joints.csv`): rows of time [s], positions [rad], velocities [rad/s]."""
        path, names = self._path('joints.csv'), self.joint_names
        if path is None or not rows:
            return
        with path.open('w', newline='', encoding='utf-8') as file:
            writer = csv.writer(file)
            writer.writerow(['time_s', *(f'{n}_rad' for n in names), *(f'{n}_rad_s' for n in names)])
            for time_s, position, velocity in rows:
                writer.writerow([f'{time_s:.4f}', *(f'{v:.6f}' for v in (*position, *velocity))])


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f'cannot write a {type(value).__name__} as JSON')
