"""Demonstrations in view of each other: the same twice, the odd one out, a camera moved after its calibration."""

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from mt3_common import se3
from mt3_common.demonstration import Demonstration
from mt3_common.errors import MT3Error
from mt3_teach.config import LintConfig
from mt3_teach.findings import Finding, Severity
from mt3_teach.several import BLENDED, align_in_time, outliers

if TYPE_CHECKING:
    from mt3_retrieval.library import DemoLibrary, Record

__all__ = ['camera_moved_since', 'lint_library', 'lint_records', 'same_motion']


def lint_library(library: 'DemoLibrary', config: LintConfig | None = None) -> list[tuple[str, Finding]]:
    """Return (id, finding) of what is odd about a library's demonstrations in view of each other."""
    config = config or LintConfig()
    found = [(f.demonstration_id, Finding(Severity[f.severity.upper()], f.name, f.message)) for f in library.lint()]
    records = library.list(with_path=True)
    return [*found, *lint_records(records, config), *_cameras(library, records)]


def lint_records(records: 'list[Record]', config: LintConfig) -> list[tuple[str, Finding]]:
    """Return (id, finding) for demonstrations of the same task, robot and origin."""
    groups: dict[tuple, list[Record]] = defaultdict(list)
    for record in sorted(records, key=lambda r: r.added_at):
        if BLENDED not in record.provenance:  # which lies among its parents
            groups[record.task.lower().strip(), record.robot, record.simulated].append(record)
    found = []
    for (task, robot, _), group in groups.items():
        if len(group) > 1:
            found += _of_one_task(task, robot, group, config)
    return found


def _of_one_task(task: str, robot: str, group: 'list[Record]', config: LintConfig) -> list[tuple[str, Finding]]:
    many = f'{len(group)} demonstrations of "{task}"'
    text = f'{many} with {robot}; the one nearest in shape and pose is used'
    found = [(group[-1].id, Finding(Severity.INFO, 'duplicate_task', text))]
    for k, record in enumerate(group):
        twin = next((other for other in group[:k] if same_motion(other, record, config)), None)
        if twin is not None:
            text = (
                f'its bottleneck and path are those of {twin.id[:8]} within {1e3 * config.duplicate_m:.0f} mm: it '
                'adds nothing; remove one, or teach with the object elsewhere'
            )
            found.append((record.id, Finding(Severity.WARNING, 'near_duplicate', text)))
    if len(group) >= 4:
        for odd in outliers(align_in_time([record.interaction for record in group])):
            text = (
                f'after {100 * odd.share:.0f} % of its path it lies {1e3 * odd.distance_m:.0f} mm from the middle of '
                f'the {many}, the others {1e3 * odd.spread_m:.0f} mm; look at it, and remove it if it went wrong'
            )
            found.append((group[odd.index].id, Finding(Severity.WARNING, 'outlier', text)))
    return found


def same_motion(a: 'Record', b: 'Record', config: LintConfig) -> bool:
    """Whether two demonstrations have the same bottleneck in the base frame and the same path."""
    if a.interaction is None or b.interaction is None:
        return False
    distance, angle = se3.pose_error(a.T_base_bottleneck, b.T_base_bottleneck)
    if distance > config.duplicate_m or angle > 0.1:
        return False
    shares = np.linspace(0.0, 1.0, 50)
    paths = [
        se3.interpolate(d.interaction.time_s, d.interaction.T_bottleneck_tcp, shares * d.interaction.duration_s)
        for d in (a, b)
    ]
    gap = np.linalg.norm(paths[0][:, :3, 3] - paths[1][:, :3, 3], axis=1)
    return bool(np.sqrt(np.mean(gap**2)) < config.duplicate_m)


def camera_moved_since(before: np.ndarray, after: np.ndarray, free: np.ndarray) -> bool:
    """Whether most of the background of two depth images (H, W) [m] lies elsewhere; `free` (H, W) bool: no object."""
    both = np.isfinite(before) & np.isfinite(after) & free
    if np.count_nonzero(both) < 1000:
        return False
    return bool(np.mean(np.abs(before[both] - after[both]) > 0.01 * np.maximum(before[both], 0.5)) > 0.5)


def _cameras(library: 'DemoLibrary', records: 'list[Record]') -> list[tuple[str, Finding]]:
    """Compare each demonstration with the one before it by the same camera, when both claim the same calibration."""
    by_camera: dict[tuple, list[Record]] = defaultdict(list)
    for record in sorted(records, key=lambda r: r.recorded_at):
        if record.provenance.get('camera'):
            by_camera[record.robot, record.simulated, record.provenance['camera']].append(record)
    found = []
    for group in by_camera.values():
        last = None
        for record in group:
            try:
                demo = library.get(record.id)
            except MT3Error as error:
                found.append((record.id, Finding(Severity.ERROR, 'unreadable', str(error))))
                continue
            if last is not None and _moved_between(last, demo):
                text = (
                    f'most of the background lies elsewhere than in {last.id[:8]}, but both say that the camera stands '
                    'in the same place: it was moved after its calibration; calibrate and record again'
                )
                found.append((record.id, Finding(Severity.ERROR, 'calibration_old', text)))
            last = demo
    return found


def _moved_between(a: Demonstration, b: Demonstration) -> bool:
    same = a.mask.shape == b.mask.shape and np.array_equal(a.T_base_camera, b.T_base_camera)
    return same and camera_moved_since(a.depth_m, b.depth_m, ~(a.mask | b.mask))
