"""From a bag to a demonstration, step by step. `import_bag` reads as the list of the steps.

Works alike on bags of our recorder and of plain `ros2 bag record` (MCAP or sqlite3): events and custom data are used
where they are, and rules that are written down in each step's module where they are not.
"""

import time
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np

from mt3_common import se3
from mt3_common.demonstration import Demonstration, Interaction
from mt3_common.errors import InvalidInput, MT3Error, Status, StatusCode
from mt3_common.robot import RobotConfig
from mt3_perception.segmentation import Segmentation, segment
from mt3_retrieval.language import parse
from mt3_teach.bag_demo import BagDemo, read_bag
from mt3_teach.choose_object import Choice, by_pixel, by_point, by_tool, distances
from mt3_teach.config import ImportConfig
from mt3_teach.findings import Finding, Severity, errors_of
from mt3_teach.gripper import GripperTrack, gripper_track, uses_held_object
from mt3_teach.lint import Recording, lint_demonstration, lint_recording
from mt3_teach.overlay import draw_demonstration
from mt3_teach.phases import find_bottleneck, find_end, grips_between
from mt3_teach.scene_view import first_motion, scene_view
from mt3_teach.tool_path import ToolPath, tool_path

__all__ = ['ImportResult', 'import_bag', 'store']


@dataclass(frozen=True, eq=False)
class ImportResult:
    """What an import made of a bag.

    Attributes:
        demonstration: Complete, whether or not it was stored.
        findings: Of the linter, the worst first.
        rules: {what: how it was decided}, for scene, object, bottleneck, end, tool path and gripper.
        pictures: {name: (H, W, 3) uint8}: `overlay` shows object, bottleneck and tool path.
        status: OK, or why it was not stored.
        stored: It is in the library now.
        timing_s: {step: wall time [s]}.
    """

    demonstration: Demonstration
    findings: list[Finding]
    rules: dict[str, str]
    pictures: dict[str, np.ndarray]
    status: Status = field(default_factory=Status)
    stored: bool = False
    timing_s: dict[str, float] = field(default_factory=dict)


def import_bag(
    path: str | Path,
    *,
    robot: RobotConfig,
    task: str | None = None,
    library: Any = None,
    pixel: tuple[int, int] | None = None,
    point: np.ndarray | None = None,
    tags: tuple[str, ...] = (),
    notes: str = '',
    simulated: bool | None = None,
    operator: str = '',
    force: bool = False,
    config: ImportConfig | None = None,
) -> ImportResult:
    """Turn a bag into a demonstration and store it.

    Args:
        path: Folder of the bag.
        robot: The arm that was recorded.
        task: Free text; None: as the recorder wrote it into the bag.
        library: A `DemoLibrary`, or its URI; None: store nothing.
        pixel: (u, v) of the object in the scene's colour image; at most one of pixel and point.
        point: (3,) on the object, base frame [m]. Without either, the object on which the tool acts.
        tags: Stored with it.
        notes: Stored with it.
        simulated: Recorded in simulation; None: as the recorder wrote it, else no.
        operator: Who taught it, for provenance.
        force: Store although the linter finds errors.
        config: Topics and limits; None: the defaults.

    Raises:
        MT3Error: STORAGE, the bag or the library cannot be read or written; NO_DATA, something needed is not in
            the bag; OBJECT_NOT_FOUND; CALIBRATION; INVALID_INPUT.
    """
    clock, config = _Clock(), config or ImportConfig()
    if pixel is not None and point is not None:
        raise InvalidInput('choose the object by pixel or by point, not by both')
    demo = read_bag(path, config.topics)
    task = (task or demo.custom_data.get('task', '')).strip()
    if not task:
        raise InvalidInput(f'the bag {demo.path} does not say its task; give it as text, e.g. --task "pick up the mug"')
    parsed = parse(task)
    clock.lap('read')

    path_of_tool = tool_path(demo, robot)
    track = gripper_track(demo, robot, config, in_hand=uses_held_object(parsed.skill, parsed.other))
    view = scene_view(demo, path_of_tool, robot, config)
    clock.lap('scene')

    segmentation = segment(view.depth_m, view.K, view.T_base_camera, view.rgb, config.segmentation)
    if not segmentation.objects:
        raise MT3Error(
            f'no object in the scene: {segmentation.status.message or "nothing stands on the support"}',
            StatusCode.OBJECT_NOT_FOUND,
        )
    start_s = first_motion(path_of_tool, config, view.stamp_s)
    if not np.isfinite(start_s):
        raise MT3Error(
            'the tool never moves after the scene was taken; is base to tcp the chain that moves, and was the '
            'recording stopped too early?',
            StatusCode.NO_DATA,
        )
    choice = _choose(demo, path_of_tool, track, segmentation, start_s, pixel, point, config)
    target = segmentation.objects[choice.index]
    clock.lap('object')

    near = distances(target.points, path_of_tool.T_base_tcp[:, :3, 3])
    bottleneck_s, bottleneck_rule = find_bottleneck(demo, path_of_tool, track, near, start_s, config)
    end_s, end_rule = find_end(demo, path_of_tool, track, bottleneck_s, config)
    T_base_bottleneck, interaction = _interaction(path_of_tool, track, bottleneck_s, end_s, robot, config)
    clock.lap('interaction')

    if simulated is None:
        simulated = demo.custom_data.get('simulated', '') == 'true'
    demonstration = Demonstration(
        task=task,
        robot=robot.name,
        T_base_bottleneck=T_base_bottleneck,
        interaction=interaction,
        rgb=view.rgb,
        depth_m=view.depth_m,
        mask=target.mask,
        K=view.K,
        T_base_camera=view.T_base_camera,
        support_height_m=target.support_height,
        skill=parsed.skill,
        target=parsed.target,
        other=parsed.other,
        simulated=simulated,
        success={'yes': True, 'no': False}.get(demo.custom_data.get('success', '')),
        recorded_at=_recorded_at(demo, view.stamp_s),
        tags=tags,
        notes=notes,
        provenance=_provenance(demo, operator),
    )
    rules = {
        'scene': f'{view.rule} ({view.frames} depth images)',
        'object': choice.rule,
        'bottleneck': bottleneck_rule,
        'end': end_rule,
        'tool path': path_of_tool.source,
        'gripper': _gripper_rule(track),
    }
    recording = Recording(demo, path_of_tool, track, view, segmentation, robot, bottleneck_s, end_s)
    findings = lint_recording(recording, demonstration, config.lint) + lint_demonstration(demonstration, config.lint)
    findings += _doubts(choice, parsed, task, robot, demo)
    findings = sorted(_unique(findings), key=lambda f: -f.severity)
    clock.lap('lint')
    pictures = {'overlay': draw_demonstration(demonstration)}
    result = ImportResult(demonstration, findings, rules, pictures, timing_s=clock.seconds)
    return store(result, library, force)


def store(result: ImportResult, library: Any, force: bool = False) -> ImportResult:
    """Put an import's demonstration into a library unless the linter found errors.

    Args:
        library: A `DemoLibrary` or its URI; None stores nothing.
        force: Store in spite of errors.

    Raises:
        MT3Error: STORAGE; the library refuses.
    """
    errors = errors_of(result.findings)
    status = Status()
    if errors and not force:
        status = Status(
            StatusCode.INVALID_INPUT,
            f'not stored: {len(errors)} error(s): ' + '; '.join(str(e) for e in errors),
        )
    demonstration, stored = result.demonstration, False
    if library is not None and status.ok:
        if isinstance(library, str | Path):
            from mt3_retrieval.library import DemoLibrary  # the database takes a second to import

            library = DemoLibrary.open(str(library))
        demonstration = library.add(result.demonstration)
        stored = True
    return ImportResult(
        demonstration, result.findings, result.rules, result.pictures, status, stored, result.timing_s
    )


def _choose(
    demo: BagDemo, path: ToolPath, track: GripperTrack | None, segmentation: Segmentation, start_s: float,
    pixel: tuple[int, int] | None, point: np.ndarray | None, config: ImportConfig,
) -> Choice:
    """Return the object that the demonstration is about."""
    if pixel is not None:
        return by_pixel(segmentation, *pixel)
    if point is not None:
        return by_point(segmentation, point, config.max_reach_m)
    marked = demo.event('bottleneck')
    begin = marked if marked is not None else start_s
    end, _ = find_end(demo, path, track, begin, config)
    inside = (path.time_s >= begin) & (path.time_s <= end)
    positions = path.T_base_tcp[inside][:, :3, 3]
    everything = np.concatenate([o.points for o in segmentation.objects])
    acting = path.at(np.array(grips_between(track, begin, end)))[:, :3, 3] if grips_between(track, begin, end) else None
    if acting is not None:  # the gripper also moves while the arm is far from everything: that is preparation
        acting = acting[distances(everything, acting) < config.max_reach_m]
    return by_tool(segmentation, positions, acting, config.max_reach_m)


def _interaction(
    path: ToolPath, track: GripperTrack | None, begin: float, end: float, robot: RobotConfig, config: ImportConfig
) -> tuple[np.ndarray, Interaction]:
    """T_base_bottleneck (4, 4) and the interaction from `begin` to `end` [s], resampled."""
    if end - begin < 2.0 / config.rate_hz:
        raise MT3Error(
            f'the interaction would last {end - begin:.2f} s; is "end" marked before "bottleneck"?', StatusCode.NO_DATA
        )
    period = 1.0 / config.rate_hz
    at = np.append(np.arange(begin, end - 0.5 * period, period), end)
    T = path.at(at)
    opening = np.ones(len(at)) if track is None else track.command_at(at)
    return T[0], Interaction(at - begin, se3.inverse(T[0]) @ T, opening, robot.gripper.max_width_m)


def _recorded_at(demo: BagDemo, stamp_s: float) -> datetime:
    """Return the scene's time; of a simulated clock that starts near 0, the time at which the recorder began."""
    began = demo.custom_data.get('started_at')
    if stamp_s < 1e8 and began:
        return datetime.fromisoformat(began)
    return datetime.fromtimestamp(stamp_s, timezone.utc)


def _provenance(demo: BagDemo, operator: str) -> dict[str, str]:
    pairs = {'source': demo.path.name, 'source_sha256': demo.digest, 'camera': demo.camera_frame}
    if operator or demo.custom_data.get('operator'):
        pairs['operator'] = operator or demo.custom_data['operator']
    if demo.custom_data.get('sim_scene'):  # which scene of the simulated cell: `mt3 teach check` sets it up again
        pairs['sim_scene'] = demo.custom_data['sim_scene']
    return pairs


def _gripper_rule(track: GripperTrack | None) -> str:
    if track is None:
        return 'not recorded; taken as open'
    grips = ', '.join(f'{m.opening_before:.2f} -> {m.opening_after:.2f} commanded '
                      f'{m.command:.2f}' for m in track.motions)
    held = f'; held from the start: {track.reason}' if track.held_at_start else ''
    return f'from the gripper joint: {grips or "no motion"}{held}'


def _doubts(choice: Choice, parsed: Any, task: str, robot: RobotConfig, demo: BagDemo) -> list[Finding]:
    """Return what the import itself is unsure of."""
    found = []
    if choice.rival_m - choice.distance_m < 0.01 and choice.rival_m < float('inf'):
        found.append(Finding(Severity.WARNING, 'object_doubtful', f'two objects are about as near: {choice.rule} is '
                             f'{1e3 * choice.distance_m:.0f} mm away, another {1e3 * choice.rival_m:.0f} mm; look at '
                             'the '
                             'overlay, or choose by pixel'))
    if not parsed.skill:
        found.append(Finding(Severity.WARNING, 'task_not_understood', f'"{task}" was not understood '
                             f'({parsed.problem}); '
                             'it will be found by its wording only. Say for instance "pick up the mug"'))
    named = demo.custom_data.get('robot')
    if named and named != robot.name:
        found.append(Finding(Severity.ERROR, 'other_robot', f'the bag was recorded with {named}, not with '
                             f'{robot.name}; '
                             'choose that robot'))
    return found


def _unique(findings: list[Finding]) -> list[Finding]:
    """One finding per rule, the worst: a jump is seen in the recording and in what is stored."""
    best: dict[str, Finding] = {}
    for finding in findings:
        if finding.name not in best or finding.severity > best[finding.name].severity:
            best[finding.name] = finding
    return list(best.values())


class _Clock:
    """Wall time per step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.seconds[name], self._last = now - self._last, now
