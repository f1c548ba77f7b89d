"""The demonstration linter: named findings, each with what, where and how to mend it.

`lint_demonstration` looks at a demonstration alone, so that stored ones can be checked again; `lint_recording` looks at
the bag it came from as well; `lint_library` at demonstrations in view of each other. Each rule is a function of its own
that returns at most one finding, in a module of its kind.
"""

from mt3_common import se3
from mt3_common.cameras import backproject
from mt3_common.demonstration import Demonstration
from mt3_teach.choose_object import distances
from mt3_teach.config import LintConfig
from mt3_teach.findings import Finding, Severity
from mt3_teach.lint import (
    bottleneck_rules,
    calibration_rules,
    gripper_rules,
    object_rules,
    path_rules,
    robot_rules,
    scene_rules,
)
from mt3_teach.lint.library_rules import lint_library
from mt3_teach.lint.subject import Recording, Shape

__all__ = ['Recording', 'lint_demonstration', 'lint_library', 'lint_recording']

_OF_DEMONSTRATIONS = (
    object_rules.object_at_border,
    object_rules.object_small,
    object_rules.object_without_depth,
    bottleneck_rules.bottleneck_inside,
    bottleneck_rules.bottleneck_far,
    bottleneck_rules.bottleneck_moves_gripper,
    path_rules.never_touched,
    path_rules.too_short,
    path_rules.too_long,
    path_rules.jump,
    path_rules.low_rate,
    gripper_rules.gripper_never_moves,
    path_rules.below_support,
)
_OF_RECORDINGS = (
    path_rules.gap,
    path_rules.raw_jump,
    scene_rules.arm_in_scene,
    calibration_rules.camera_moved,
    calibration_rules.intrinsics_changed,
    calibration_rules.tilted,
    calibration_rules.calibration_old,
    scene_rules.few_frames,
    gripper_rules.gripper_unknown,
    calibration_rules.bad_transforms,
    robot_rules.out_of_limits,
)


def lint_demonstration(demo: Demonstration, config: LintConfig | None = None) -> list[Finding]:
    """Return what is wrong, or odd, about a demonstration; empty when nothing is."""
    config = config or LintConfig()
    points = se3.transform_points(demo.T_base_camera, backproject(demo.depth_m, demo.K, demo.mask))
    if len(points) < 10:
        return [
            Finding(
                Severity.ERROR,
                'object_without_depth',
                f'the object has {len(points)} pixels with depth; move the camera, or choose the object again',
            )
        ]
    shape = Shape(demo, points, distances(points, demo.path_base()[:, :3, 3]))
    return [finding for rule in _OF_DEMONSTRATIONS if (finding := rule(shape, config)) is not None]


def lint_recording(recording: Recording, demo: Demonstration, config: LintConfig | None = None) -> list[Finding]:
    """Return what is wrong, or odd, about the recording that a demonstration came from."""
    config = config or LintConfig()
    return [finding for rule in _OF_RECORDINGS if (finding := rule(recording, demo, config)) is not None]
