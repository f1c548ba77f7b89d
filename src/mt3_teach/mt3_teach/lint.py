"""The demonstration linter: named findings, each with what, where and how to mend it.

`lint_demonstration` looks at a demonstration alone, so that stored ones can be checked again; `lint_recording` looks at
the bag it came from as well. Each rule is a function of its own that returns at most one finding.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.spatial import Delaunay
from scipy.spatial.transform import Rotation

from mt3_common import se3
from mt3_common.cameras import backproject, project
from mt3_common.demonstration import Demonstration
from mt3_common.robot import RobotConfig
from mt3_perception.segmentation import Segmentation
from mt3_teach.bag_demo import BagDemo
from mt3_teach.choose_object import distances
from mt3_teach.config import LintConfig
from mt3_teach.findings import Finding, Severity
from mt3_teach.gripper import GripperTrack, uses_held_object
from mt3_teach.scene_view import SceneView, camera_pose
from mt3_teach.tool_path import ToolPath

__all__ = ['Recording', 'lint_demonstration', 'lint_recording']

INFO, WARNING, ERROR = Severity.INFO, Severity.WARNING, Severity.ERROR
_GRASPING = ('pick_up', 'place', 'insert', 'open', 'close', 'pull', 'hang', 'stack', 'remove', 'pour')


@dataclass(frozen=True, eq=False)
class Recording:
    """What the import knows beside the demonstration: the bag and what was read from it."""

    demo: BagDemo
    path: ToolPath
    track: GripperTrack | None
    view: SceneView
    segmentation: Segmentation
    robot: RobotConfig
    bottleneck_s: float
    end_s: float


@dataclass(frozen=True, eq=False)
class _Shape:
    """Measures of a demonstration that several rules use."""

    demo: Demonstration
    points: np.ndarray  # (N, 3) of the object, base frame [m]
    near: np.ndarray  # (K,) distance of the tool to it along the interaction [m]


def lint_demonstration(demo: Demonstration, config: LintConfig | None = None) -> list[Finding]:
    """Return what is wrong, or odd, about a demonstration; empty when nothing is."""
    config = config or LintConfig()
    points = se3.transform_points(demo.T_base_camera, backproject(demo.depth_m, demo.K, demo.mask))
    if len(points) < 10:
        return [Finding(ERROR, 'object_without_depth', f'the object has {len(points)} pixels with depth; '
                        'move the camera, or choose the object again')]
    shape = _Shape(demo, points, distances(points, demo.path_base()[:, :3, 3]))
    rules: list[Callable[[_Shape, LintConfig], Finding | None]] = [
        _object_at_border, _object_small, _object_without_depth, _bottleneck_inside, _bottleneck_far,
        _bottleneck_moves_gripper, _never_touched, _too_short, _too_long, _jump, _low_rate, _gripper_never_moves,
        _below_support,
    ]
    return [finding for rule in rules if (finding := rule(shape, config)) is not None]


def lint_recording(recording: Recording, demo: Demonstration, config: LintConfig | None = None) -> list[Finding]:
    """Return what is wrong, or odd, about the recording that a demonstration came from."""
    config = config or LintConfig()
    rules: list[Callable[[Recording, Demonstration, LintConfig], Finding | None]] = [
        _gap, _raw_jump, _arm_in_scene, _camera_moved, _intrinsics_changed, _tilted, _few_frames, _gripper_unknown,
        _bad_transforms,
    ]
    return [finding for rule in rules if (finding := rule(recording, demo, config)) is not None]


# ---- of the demonstration


def _object_at_border(shape: _Shape, _: LintConfig) -> Finding | None:
    mask = shape.demo.mask
    sides = {'left': mask[:, :2], 'right': mask[:, -2:], 'top': mask[:2], 'bottom': mask[-2:]}
    cut = [name for name, side in sides.items() if side.any()]
    if cut:
        return Finding(WARNING, 'object_at_border', f'the picture cuts the object at its {" and ".join(cut)} border, '
                       'so '
                       'its shape is incomplete; place it, or aim the camera, so that it is seen whole')
    return None


def _object_small(shape: _Shape, config: LintConfig) -> Finding | None:
    count = int(np.count_nonzero(shape.demo.mask))
    if count < config.min_object_pixels:
        return Finding(WARNING, 'object_small', f'the object covers {count} pixels, below {config.min_object_pixels}; '
                       'bring the camera closer')
    return None


def _object_without_depth(shape: _Shape, config: LintConfig) -> Finding | None:
    share = float(np.isfinite(shape.demo.depth_m[shape.demo.mask]).mean())
    if share < config.min_depth_share:
        return Finding(WARNING, 'object_without_depth', f'only {100 * share:.0f} % of the object has depth (shiny, '
                       'black '
                       'or transparent?); change the light or the angle')
    return None


def _bottleneck_inside(shape: _Shape, config: LintConfig) -> Finding | None:
    tcp = shape.demo.T_base_bottleneck[:3, 3]
    inside = shape.near[0] < config.bottleneck_near_m
    if not inside and len(shape.points) >= 20:
        spread = shape.points[:: max(1, len(shape.points) // 800)]
        if np.ptp(spread, axis=0).min() > 0.002:
            inside = bool(Delaunay(spread).find_simplex(tcp) >= 0)
    if inside:
        return Finding(ERROR, 'bottleneck_inside', f'the bottleneck is {1e3 * shape.near[0]:.0f} mm from the object or '
                       'within it, so the approach would collide; mark it 5 to 15 cm before anything is touched')
    return None


def _bottleneck_far(shape: _Shape, config: LintConfig) -> Finding | None:
    if shape.near[0] > config.bottleneck_far_m:
        return Finding(WARNING, 'bottleneck_far', f'the bottleneck is {shape.near[0]:.2f} m from the object, over '
                       f'{config.bottleneck_far_m} m: a yaw error moves the tool more the farther it is; mark it '
                       'nearer')
    return None


def _bottleneck_moves_gripper(shape: _Shape, _: LintConfig) -> Finding | None:
    path = shape.demo.interaction
    changes = np.flatnonzero(np.abs(np.diff(path.gripper_opening)) > 0.05)
    if len(changes):
        T = path.T_bottleneck_tcp[: changes[0] + 1, :3, 3]
        travelled = float(np.linalg.norm(np.diff(T, axis=0), axis=1).sum()) if len(T) > 1 else 0.0
        if path.gripper_opening[changes[0] + 1] < path.gripper_opening[0] and travelled < 0.01:
            return Finding(WARNING, 'bottleneck_late', 'the gripper closes before the tool has moved 1 cm from the '
                           'bottleneck: was it marked at the grasp instead of before it?')
    return None


def _never_touched(shape: _Shape, config: LintConfig) -> Finding | None:
    nearest, opening = float(shape.near.min()), shape.demo.interaction.gripper_opening
    in_hand = uses_held_object(shape.demo.skill, shape.demo.other) or opening[0] < 0.02 < opening[-1]
    limit = config.touch_in_hand_m if in_hand else config.touch_m
    if nearest > limit:
        far = nearest > 3.0 * limit
        return Finding(ERROR if far else WARNING, 'object_never_touched', f'the tool stays {1e3 * nearest:.0f} mm or '
                       'more '
                       'from the object; is it the right object, is the tcp right, is the camera calibrated?')
    return None


def _too_short(shape: _Shape, config: LintConfig) -> Finding | None:
    path = shape.demo.interaction
    way = float(np.linalg.norm(np.diff(path.T_bottleneck_tcp[:, :3, 3], axis=0), axis=1).sum())
    if path.duration_s < config.min_duration_s or way < config.min_travel_m:
        return Finding(ERROR, 'interaction_short', f'the interaction lasts {path.duration_s:.2f} s and moves the tool '
                       f'{1e3 * way:.0f} mm: nothing to replay; check the marks "bottleneck" and "end"')
    return None


def _too_long(shape: _Shape, config: LintConfig) -> Finding | None:
    duration = shape.demo.interaction.duration_s
    if duration > config.max_duration_s:
        return Finding(WARNING, 'interaction_long', f'the interaction lasts {duration:.0f} s, over '
                       f'{config.max_duration_s:.0f} s; mark the bottleneck later or the end earlier')
    return None


def _jump(shape: _Shape, config: LintConfig) -> Finding | None:
    path = shape.demo.interaction
    return _jump_in(path.time_s, path.T_bottleneck_tcp, config, 'of the stored interaction')


def _low_rate(shape: _Shape, config: LintConfig) -> Finding | None:
    path = shape.demo.interaction
    rate = (len(path.time_s) - 1) / path.duration_s
    if rate < config.min_rate_hz:
        return Finding(WARNING, 'low_rate', f'the tool path has {rate:.1f} poses per second, below '
                       f'{config.min_rate_hz}; '
                       'publish joint states and TF faster')
    return None


def _gripper_never_moves(shape: _Shape, _: LintConfig) -> Finding | None:
    if np.ptp(shape.demo.interaction.gripper_opening) < 0.02:
        grasping = any(shape.demo.skill.startswith(skill) for skill in _GRASPING)
        text = f'the gripper never moves during "{shape.demo.task}"'
        if grasping:
            return Finding(WARNING, 'gripper_never_moves', f'{text}, which usually needs it; is the gripper joint '
                           'of the robot settings the one in /joint_states?')
        return Finding(INFO, 'gripper_never_moves', text)
    return None


def _below_support(shape: _Shape, _: LintConfig) -> Finding | None:
    height = shape.demo.support_height_m
    depth = height - float(shape.demo.path_base()[:, 2, 3].min())
    if np.isfinite(height) and depth > 0.01:
        return Finding(WARNING, 'tool_below_support', f'the tcp goes {1e3 * depth:.0f} mm below the surface that the '
                       'object stands on: the tcp or the calibration is wrong by about that')
    return None


# ---- of the recording


def _gap(recording: Recording, _: Demonstration, config: LintConfig) -> Finding | None:
    times = recording.path.time_s
    inside = times[(times >= recording.bottleneck_s) & (times <= recording.end_s)]
    steps = np.diff(np.concatenate([[recording.bottleneck_s], inside, [recording.end_s]]))
    if steps.max() > config.max_gap_s:
        at = float(np.concatenate([[recording.bottleneck_s], inside])[np.argmax(steps)] - recording.bottleneck_s)
        return Finding(ERROR, 'gap', f'no tool pose for {steps.max():.2f} s, {at:.1f} s into the interaction '
                       f'(limit {config.max_gap_s} s): messages were lost; record again, with less load or less data')
    return None


def _raw_jump(recording: Recording, _: Demonstration, config: LintConfig) -> Finding | None:
    times = recording.path.time_s
    inside = (times >= recording.bottleneck_s) & (times <= recording.end_s)
    if np.count_nonzero(inside) < 2:
        return None
    since = times[inside] - recording.bottleneck_s
    return _jump_in(since, recording.path.T_base_tcp[inside], config, 'of the recording')


def _jump_in(time_s: np.ndarray, T: np.ndarray, config: LintConfig, where: str) -> Finding | None:
    step = np.maximum(np.diff(time_s), 1e-3)
    speed = np.linalg.norm(np.diff(T[:, :3, 3], axis=0), axis=1) / step
    turn = (Rotation.from_matrix(T[:-1, :3, :3]).inv() * Rotation.from_matrix(T[1:, :3, :3])).magnitude() / step
    worst = np.maximum(speed / config.max_speed, turn / config.max_turn)
    k = int(np.argmax(worst))
    if worst[k] > 1.0:
        return Finding(ERROR, 'tcp_jump', f'the tool moves at {speed[k]:.1f} m/s and {turn[k]:.1f} rad/s at '
                       f'{time_s[k]:.2f} s '
                       f'{where} (limits {config.max_speed} and {config.max_turn}): a glitch of TF or the clock; '
                       'record again')
    return None


def _arm_in_scene(recording: Recording, demo: Demonstration, config: LintConfig) -> Finding | None:
    """Take the tcp and the gripper's links as points; one near the object may be part of its mask."""
    robot, view = recording.robot, recording.view
    points = se3.transform_points(demo.T_base_camera, backproject(demo.depth_m, demo.K, demo.mask))
    joints = []
    for name in dict.fromkeys((robot.tcp_frame, *robot.gripper.links)):
        if name in recording.demo.transforms.frames:
            first, last = recording.demo.transforms.span(robot.base_frame, name)
            at = float(np.clip(view.stamp_s, first, last))
            T = recording.demo.transforms.lookup(robot.base_frame, name, at if np.isfinite(at) else None)
            joints.append((name, T[:3, 3]))
    if not joints:
        joints = [(robot.tcp_frame, recording.path.at(np.array([view.stamp_s]))[0, :3, 3])]
    where = np.array([p for _, p in joints])
    gap = distances(points, where)
    if len(points) and gap.min() < config.arm_clearance_m:
        return Finding(ERROR, 'arm_in_scene', f'{joints[int(np.argmin(gap))][0]} is {1e3 * gap.min():.0f} mm from the '
                       'object when the scene is taken; take it before the arm enters the view, mark it with "scene"')
    in_camera = se3.transform_points(se3.inverse(view.T_base_camera), where)
    for (name, _), pixel, point in zip(joints, project(in_camera, view.K), in_camera, strict=True):
        if not np.isfinite(pixel).all():
            continue
        u, v = round(pixel[0]), round(pixel[1])
        if 0 <= u < view.depth_m.shape[1] and 0 <= v < view.depth_m.shape[0]:
            seen = view.depth_m[v, u]
            if np.isfinite(seen) and point[2] - 0.15 < seen < point[2] + 0.03:
                return Finding(WARNING, 'arm_in_view', f'{name} is in the picture of the scene at pixel ({u}, {v}); '
                               'take the scene before the arm enters the view')
    return None


def _camera_moved(recording: Recording, _: Demonstration, config: LintConfig) -> Finding | None:
    demo, robot = recording.demo, recording.robot
    first, last = demo.transforms.span(robot.base_frame, demo.camera_frame)
    if not np.isfinite(first):
        return None
    poses = [camera_pose(demo, robot, t) for t in np.linspace(first, last, 5)]
    moved = max(se3.pose_error(poses[0], T)[0] for T in poses)
    if moved > config.camera_moved_m:
        return Finding(WARNING, 'camera_moved', f'the camera moves by {1e3 * moved:.0f} mm in the base frame during '
                       'the '
                       'recording; is it mounted on the arm, or loose?')
    return None


def _intrinsics_changed(recording: Recording, _: Demonstration, __: LintConfig) -> Finding | None:
    if recording.demo.intrinsics_changed:
        return Finding(ERROR, 'intrinsics_changed', 'camera_info changes during the recording; keep the resolution')
    return None


def _tilted(recording: Recording, _: Demonstration, config: LintConfig) -> Finding | None:
    plane = recording.segmentation.plane
    if plane is None:
        return None
    tilt = float(np.degrees(np.arccos(np.clip(plane.normal[2], -1.0, 1.0))))
    if tilt > config.max_tilt_deg:
        return Finding(WARNING, 'calibration_suspect', f'the support is tilted by {tilt:.1f} degrees in the base frame '
                       f'(limit {config.max_tilt_deg}); the camera has moved since its calibration, or the table is '
                       'not '
                       'level; calibrate again')
    return None


def _few_frames(recording: Recording, _: Demonstration, __: LintConfig) -> Finding | None:
    if recording.view.frames < 3:
        return Finding(INFO, 'few_frames', f'the scene is made of {recording.view.frames} depth image(s); wait a '
                       'second '
                       'before the arm moves for a less noisy one')
    return None


def _gripper_unknown(recording: Recording, _: Demonstration, __: LintConfig) -> Finding | None:
    if recording.track is None:
        joint = recording.robot.gripper.joint
        return Finding(WARNING, 'gripper_unknown', f'the joint states hold no gripper joint {joint}; the gripper is '
                       'taken '
                       'as open throughout. Set the joint in the robot settings')
    return None


def _bad_transforms(recording: Recording, _: Demonstration, __: LintConfig) -> Finding | None:
    count = recording.demo.bad_transforms
    if count:
        return Finding(WARNING, 'bad_transforms', f'{count} transforms in TF are not rigid (unset quaternions?) and '
                       'were '
                       'left out; find the node that publishes them')
    return None
