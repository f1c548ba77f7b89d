"""One demonstration out of an open bag, step by step: `import_part` reads as the list of the steps."""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from mt3_common import se3
from mt3_common.bags import BagReader
from mt3_common.demonstration import Demonstration, Interaction
from mt3_common.errors import InvalidInput, MT3Error, Status, StatusCode
from mt3_common.robot import RobotConfig
from mt3_perception.segmentation import Segmentation, segment
from mt3_retrieval.language import parse
from mt3_teach.bag_demo import BagDemo, read_bag
from mt3_teach.choose_object import Choice, by_pixel, by_point, by_tool, distances
from mt3_teach.choose_text import by_text
from mt3_teach.config import ImportConfig
from mt3_teach.findings import Finding, Severity
from mt3_teach.gripper import GripperTrack, gripper_track, uses_held_object
from mt3_teach.lint import Recording, lint_demonstration, lint_recording
from mt3_teach.overlay import draw_demonstration, draw_objects
from mt3_teach.phases import find_bottleneck, find_end, grips_between
from mt3_teach.provenance import provenance_of, recorded_at
from mt3_teach.scene_view import SceneView, first_motion, scene_view
from mt3_teach.shaping import dead_time, smooth, without
from mt3_teach.tool_path import ToolPath, tool_path

__all__ = ['ImportResult', 'OpenBag', 'Wanted', 'import_part', 'open_bag', 'source_key']


@dataclass(frozen=True, eq=False)
class Wanted:
    """What a person may say about a bag; everything else is found. As the arguments of `importer.import_bag`."""

    task: str | None = None
    pixel: tuple[int, int] | None = None
    point: np.ndarray | None = None
    text: str = ''
    tags: tuple[str, ...] = ()
    notes: str = ''
    simulated: bool | None = None
    operator: str = ''

    def __post_init__(self) -> None:
        if (self.pixel is not None) + (self.point is not None) + bool(self.text) > 1:
            raise InvalidInput('choose the object by pixel, by point or by text, not by both')


@dataclass(frozen=True, eq=False)
class ImportResult:
    """What an import made of a bag.

    Attributes:
        demonstration: Complete, whether or not it was stored.
        findings: Of the linter, the worst first.
        rules: {what: how it was decided}, for scene, object, bottleneck, end, tool path, gripper, and what was cut.
        pictures: {name: (H, W, 3) uint8}: `overlay` shows object, bottleneck and tool path; `objects` what there is
            to choose from, each with a pixel.
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


@dataclass(frozen=True, eq=False)
class OpenBag:
    """A bag that is open: its messages, the tool's path, and the reader for its pictures."""

    reader: BagReader
    demo: BagDemo
    path: ToolPath
    key: str
    clock: '_Clock'

    def part(self, begin_s: float, end_s: float) -> 'OpenBag':
        """Return what lies within a span of time [s]."""
        if np.isneginf(begin_s) and np.isposinf(end_s):
            return self
        inside = (self.path.time_s >= begin_s) & (self.path.time_s <= end_s)
        path = ToolPath(self.path.time_s[inside], self.path.T_base_tcp[inside], self.path.source)
        return replace(self, demo=self.demo.between(begin_s, end_s), path=path)


@contextmanager
def open_bag(path: str | Path, robot: RobotConfig, config: ImportConfig) -> Iterator[OpenBag]:
    """Open a bag and read it.

    Raises:
        MT3Error: STORAGE, no bag or a damaged one; NO_DATA, something needed is missing.
    """
    clock = _Clock()
    with BagReader(path) as reader:
        demo = read_bag(reader, config.topics)
        tool = tool_path(demo, robot)
        clock.lap('read')
        yield OpenBag(reader, demo, tool, source_key(path), clock)


def source_key(path: str | Path) -> str:
    """Return what tells a bag from others without reading it: 16 digits of a hash of its sizes and its last bytes.

    An MCAP file ends with its index and checksums; so an import that goes on after an interruption knows at once which
    bags are stored.
    """
    path = Path(path)
    files = sorted(p for p in (path.iterdir() if path.is_dir() else [path]) if p.suffix in ('.mcap', '.db3'))
    digest = hashlib.sha256()
    try:
        for file in files:
            size = file.stat().st_size
            digest.update(str(size).encode())
            with file.open('rb') as f:
                f.seek(max(size - 65536, 0))
                digest.update(f.read())
    except OSError as error:
        raise MT3Error(f'the bag {path} cannot be read: {error}', StatusCode.STORAGE) from error
    return digest.hexdigest()[:16]


def import_part(bag: OpenBag, wanted: Wanted, robot: RobotConfig, config: ImportConfig) -> ImportResult:
    """Turn an open bag, or a part of one, into a demonstration.

    Raises:
        MT3Error: As `importer.import_bag`.
    """
    demo, path, clock = bag.demo, bag.path, bag.clock
    task = (wanted.task or demo.custom_data.get('task', '')).strip()
    if not task:
        raise InvalidInput(f'the bag {demo.path} does not say its task; give it as text, e.g. --task "pick up the mug"')
    if len(path.time_s) < 2:
        raise MT3Error('the tool path has fewer than two poses', StatusCode.NO_DATA)
    parsed = parse(task)

    track = gripper_track(demo, robot, config, in_hand=uses_held_object(parsed.skill, parsed.other))
    view = scene_view(bag.reader, demo, path, robot, config)
    clock.lap('scene')

    segmentation = segment(view.depth_m, view.K, view.T_base_camera, view.rgb, config.segmentation)
    if not segmentation.objects:
        raise MT3Error(
            f'no object in the scene: {segmentation.status.message or "nothing stands on the support"}',
            StatusCode.OBJECT_NOT_FOUND,
        )
    start_s = first_motion(path, config, view.stamp_s)
    if not np.isfinite(start_s):
        raise MT3Error(
            'the tool never moves after the scene was taken; is base to tcp the chain that moves, and was the '
            'recording stopped too early?',
            StatusCode.NO_DATA,
        )
    choice = _choose(demo, path, track, segmentation, view, start_s, wanted, config)
    target = segmentation.objects[choice.index]
    clock.lap('object')

    near = distances(target.points, path.T_base_tcp[:, :3, 3])
    bottleneck_s, bottleneck_rule = find_bottleneck(demo, path, track, near, start_s, config)
    end_s, end_rule = find_end(demo, path, track, bottleneck_s, config)
    T_base_bottleneck, interaction, shaped = _interaction(path, track, bottleneck_s, end_s, robot, config)
    clock.lap('interaction')

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
        simulated=demo.custom_data.get('simulated', '') == 'true' if wanted.simulated is None else wanted.simulated,
        success={'yes': True, 'no': False}.get(demo.custom_data.get('success', '')),
        recorded_at=recorded_at(demo, view.stamp_s),
        tags=wanted.tags,
        notes=wanted.notes,
        provenance=provenance_of(demo, bag.key, wanted.operator),
    )
    rules = {
        'scene': f'{view.rule} ({view.frames} depth images)',
        'object': choice.rule,
        'bottleneck': bottleneck_rule,
        'end': end_rule,
        'tool path': path.source,
        'gripper': _gripper_rule(track, demo),
        **shaped,
    }
    recording = Recording(demo, path, track, view, segmentation, robot, bottleneck_s, end_s)
    findings = lint_recording(recording, demonstration, config.lint) + lint_demonstration(demonstration, config.lint)
    findings += _doubts(choice, parsed, task, robot, demo)
    findings = sorted(_unique(findings), key=lambda f: -f.severity)
    clock.lap('lint')
    pictures = {'overlay': draw_demonstration(demonstration), 'objects': draw_objects(view.rgb, segmentation.labels)}
    return ImportResult(demonstration, findings, rules, pictures, timing_s=dict(clock.seconds))


def _choose(
    demo: BagDemo,
    path: ToolPath,
    track: GripperTrack | None,
    segmentation: Segmentation,
    view: SceneView,
    start_s: float,
    wanted: Wanted,
    config: ImportConfig,
) -> Choice:
    """Return the object that the demonstration is about."""
    if wanted.pixel is not None:
        return by_pixel(segmentation, *wanted.pixel)
    if wanted.point is not None:
        return by_point(segmentation, wanted.point, config.max_reach_m)
    if wanted.text:
        return by_text(segmentation, view.rgb, wanted.text)
    marked = demo.event('bottleneck')
    begin = marked if marked is not None else start_s
    end, _ = find_end(demo, path, track, begin, config)
    inside = (path.time_s >= begin) & (path.time_s <= end)
    positions = path.T_base_tcp[inside][:, :3, 3]
    if not len(positions):
        raise MT3Error('the mark "bottleneck" lies outside of the recorded tool path', StatusCode.NO_DATA)
    everything = np.concatenate([o.points for o in segmentation.objects])
    acting = path.at(np.array(grips_between(track, begin, end)))[:, :3, 3] if grips_between(track, begin, end) else None
    if acting is not None:  # the gripper also moves while the arm is far from everything: that is preparation
        acting = acting[distances(everything, acting) < config.max_reach_m]
    return by_tool(segmentation, positions, acting, config.max_reach_m)


def _interaction(
    path: ToolPath, track: GripperTrack | None, begin: float, end: float, robot: RobotConfig, config: ImportConfig
) -> tuple[np.ndarray, Interaction, dict[str, str]]:
    """T_base_bottleneck (4, 4), the interaction from `begin` to `end` [s], resampled, and the rules of its shaping."""
    if end - begin < 2.0 / config.rate_hz:
        raise MT3Error(
            f'the interaction would last {end - begin:.2f} s; is "end" marked before "bottleneck"?', StatusCode.NO_DATA
        )
    rules = {}
    idle = dead_time(path, track, begin, end, config)
    if idle:
        rules['dead time'] = f'{sum(b - a for a, b in idle):.1f} s of rest cut out in {len(idle)} place(s)'
    period, lasts = 1.0 / config.rate_hz, end - begin - sum(b - a for a, b in idle)
    at = np.append(np.arange(0.0, lasts - 0.5 * period, period), lasts)
    recorded = np.minimum(without(begin + at, idle), end)
    T = path.at(recorded)
    window = round(config.smooth_s * config.rate_hz) | 1
    if config.smooth_s > 0.0:
        smoothed = smooth(T, window)
        T = smoothed.T
        rules['smoothing'] = (
            f'over {window * period:.2f} s: moves the path by at most {1e3 * smoothed.deviation_m:.1f} mm and '
            f'{np.degrees(smoothed.deviation_rad):.1f} degrees'
        )
    opening = np.ones(len(at)) if track is None else track.command_at(recorded)
    return T[0], Interaction(at, se3.inverse(T[0]) @ T, opening, robot.gripper.max_width_m), rules


def _gripper_rule(track: GripperTrack | None, demo: BagDemo) -> str:
    if track is None:
        return 'not recorded; taken as open'
    source = 'its joint' if demo.gripper is None else 'commands' if demo.gripper_commanded else 'its topic'
    grips = ', '.join(
        f'{m.opening_before:.2f} -> {m.opening_after:.2f} commanded {m.command:.2f}' for m in track.motions
    )
    held = f'; held from the start: {track.reason}' if track.held_at_start else ''
    return f'from {source}: {grips or "no motion"}{held}'


def _doubts(choice: Choice, parsed: Any, task: str, robot: RobotConfig, demo: BagDemo) -> list[Finding]:
    """Return what the import itself is unsure of."""
    found = []
    if choice.rival_m - choice.distance_m < 0.01 and choice.rival_m < float('inf'):
        found.append(
            Finding(
                Severity.WARNING,
                'object_doubtful',
                f'two objects are about as near: {choice.rule} is {1e3 * choice.distance_m:.0f} mm away, another '
                f'{1e3 * choice.rival_m:.0f} mm; look at the overlay, or choose by pixel',
            )
        )
    if not parsed.skill:
        found.append(
            Finding(
                Severity.WARNING,
                'task_not_understood',
                f'"{task}" was not understood ({parsed.problem}); it will be found by its wording only. Say for '
                'instance "pick up the mug"',
            )
        )
    named = demo.custom_data.get('robot')
    if named and named != robot.name:
        found.append(
            Finding(
                Severity.ERROR,
                'other_robot',
                f'the bag was recorded with {named}, not with {robot.name}; choose that robot',
            )
        )
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
        self.seconds[name], self._last = self.seconds.get(name, 0.0) + now - self._last, now
