"""Each finding once, from the demonstration that has just that fault."""

import dataclasses

import numpy as np
import pytest

from mt3_common import se3
from mt3_common.demonstration import Interaction
from mt3_common.robot import RobotConfig
from mt3_teach.findings import Finding, Severity, errors_of
from mt3_teach.importer import import_bag
from mt3_teach.lint import lint_demonstration
from mt3_teach.testing import BOX, Script, box_view, write_bag

ROBOT = RobotConfig()


@pytest.fixture(scope='module')
def good(tmp_path_factory):
    result = import_bag(write_bag(tmp_path_factory.mktemp('bag') / 'bag'), robot=ROBOT)
    assert result.findings == []
    return result.demonstration


def names(findings):
    return {f.name: f.severity for f in findings}


def moved(demo, T_bottleneck=None, **changes):
    """The demonstration with another bottleneck or interaction."""
    fields = {
        'time_s': demo.interaction.time_s,
        'T_bottleneck_tcp': demo.interaction.T_bottleneck_tcp,
        'gripper_opening': demo.interaction.gripper_opening,
        'gripper_max_width_m': 0.08,
    }
    T = demo.T_base_bottleneck if T_bottleneck is None else T_bottleneck
    return dataclasses.replace(demo, T_base_bottleneck=T, interaction=Interaction(**{**fields, **changes}))


def shifted(demo, *offset):
    T = demo.T_base_bottleneck.copy()
    T[:3, 3] += offset
    return moved(demo, T)


def test_a_good_demonstration_has_no_findings(good):
    assert lint_demonstration(good) == []


def test_bottleneck_inside(good):
    assert names(lint_demonstration(shifted(good, 0, 0, -0.11)))['bottleneck_inside'] == Severity.ERROR


def test_bottleneck_far_and_object_never_touched(good):
    found = names(lint_demonstration(shifted(good, 0, 0, 0.35)))
    assert found['bottleneck_far'] == Severity.WARNING and found['object_never_touched'] == Severity.ERROR
    assert names(lint_demonstration(shifted(good, 0, 0, 0.06)))['object_never_touched'] == Severity.WARNING


def test_an_object_in_the_hand_touches_first(good):
    high = shifted(good, 0, 0, 0.06)
    inserting = dataclasses.replace(high, skill='insert', other='peg')
    assert 'object_never_touched' not in names(lint_demonstration(inserting))


def test_bottleneck_late(good):
    opening = np.zeros_like(good.interaction.gripper_opening)
    opening[0] = 1.0
    assert 'bottleneck_late' in names(lint_demonstration(moved(good, gripper_opening=opening)))


def test_interaction_short(good):
    T = np.tile(np.eye(4), (2, 1, 1))
    short = moved(good, time_s=np.array([0.0, 0.1]), T_bottleneck_tcp=T, gripper_opening=np.ones(2))
    assert names(lint_demonstration(short))['interaction_short'] == Severity.ERROR


def test_interaction_long_and_low_rate(good):
    found = names(lint_demonstration(moved(good, time_s=good.interaction.time_s * 30.0)))
    assert found == {'interaction_long': Severity.WARNING, 'low_rate': Severity.WARNING}


def test_tcp_jump(good):
    T = good.interaction.T_bottleneck_tcp.copy()
    T[20] = T[20] @ se3.make(None, (0.2, 0, 0))
    assert names(lint_demonstration(moved(good, T_bottleneck_tcp=T)))['tcp_jump'] == Severity.ERROR
    T = good.interaction.T_bottleneck_tcp.copy()
    T[20] = T[20] @ se3.from_yaw(1.0)
    assert 'tcp_jump' in names(lint_demonstration(moved(good, T_bottleneck_tcp=T)))


def test_gripper_never_moves(good):
    still = moved(good, gripper_opening=np.ones_like(good.interaction.gripper_opening))
    assert names(lint_demonstration(still))['gripper_never_moves'] == Severity.WARNING
    pressing = dataclasses.replace(still, skill='press')
    assert names(lint_demonstration(pressing))['gripper_never_moves'] == Severity.INFO


def test_tool_below_support(good):
    assert 'tool_below_support' in names(lint_demonstration(shifted(good, 0, 0, -0.06)))


def test_object_at_border(good):
    mask = good.mask.copy()
    mask[:5, 100:105] = True
    assert 'object_at_border' in names(lint_demonstration(dataclasses.replace(good, mask=mask)))


def test_object_small_and_without_depth(good):
    v, u = (int(np.median(x)) for x in np.nonzero(good.mask))
    mask = np.zeros_like(good.mask)
    mask[v - 2 : v + 3, u - 2 : u + 3] = True
    assert 'object_small' in names(lint_demonstration(dataclasses.replace(good, mask=mask)))
    depth = good.depth_m.copy()
    depth[good.mask & (np.indices(depth.shape)[0] < v + 3)] = np.nan
    assert 'object_without_depth' in names(lint_demonstration(dataclasses.replace(good, depth_m=depth)))
    depth[good.mask] = np.nan
    found = names(lint_demonstration(dataclasses.replace(good, depth_m=depth)))
    assert found == {'object_without_depth': Severity.ERROR}


def imported(tmp_path, script, **options):
    return names(import_bag(write_bag(tmp_path / 'bag', script), robot=ROBOT, **options).findings)


def test_gap(tmp_path):
    script = Script(tamper=lambda topic, at, m: None if topic == '/tf' and 5.0 < at < 5.6 else m)
    assert imported(tmp_path, script)['gap'] == Severity.ERROR


def test_jump_in_the_recording(tmp_path):
    def glitch(topic, at, message):
        if topic == '/tf' and abs(at - 5.5) < 0.001:
            message.transforms[0].transform.translation.x += 0.3
        return message

    assert imported(tmp_path, Script(tamper=glitch))['tcp_jump'] == Severity.ERROR


def test_arm_in_scene_and_in_view(tmp_path):
    script = Script(way=[(0.0, (BOX[0], BOX[1], 0.10)), (2.0, (BOX[0], BOX[1], 0.10)), *Script().way[2:]])
    assert imported(tmp_path, script)['arm_in_scene'] == Severity.ERROR
    seen = Script(way=[(0.0, (0.6, -0.1, 0.01)), (2.0, (0.6, -0.1, 0.01)), *Script().way[2:]])
    assert imported(tmp_path / 'seen', seen)['arm_in_view'] == Severity.WARNING


def test_intrinsics_changed(tmp_path):
    def change(topic, at, message):
        if topic.endswith('camera_info') and at > 5.0:
            message.k = message.k * np.array([1.1, 1, 1, 1, 1.1, 1, 1, 1, 1])
        return message

    assert imported(tmp_path, Script(tamper=change))['intrinsics_changed'] == Severity.ERROR


def test_calibration_suspect(tmp_path):
    tilt = se3.exp(np.array([0.0, 0, 0, np.radians(5.0), 0, 0]))

    def bend(topic, at, message):
        if topic == '/tf_static':
            about = se3.make(None, (*BOX[:2], 0.0))
            T = about @ tilt @ se3.inverse(about) @ box_view().T_base_camera
            t, r = message.transforms[0].transform.translation, message.transforms[0].transform.rotation
            t.x, t.y, t.z = T[:3, 3]
            r.x, r.y, r.z, r.w = se3.quaternion(T)
        return message

    assert imported(tmp_path, Script(tamper=bend))['calibration_suspect'] == Severity.WARNING


def test_camera_moved(tmp_path):
    def wander(topic, at, message):
        if topic == '/tf':
            extra = type(message.transforms[0])(**vars(message.transforms[0]))
            view, kind = box_view(), type(extra.transform)
            x, y, z, w = se3.quaternion(view.T_base_camera)
            p = view.T_base_camera[:3, 3] + [0.0, 0.002 * max(at - 3.0, 0.0), 0.0]
            extra.child_frame_id = 'camera_color_optical_frame'
            extra.transform = kind(
                translation=type(extra.transform.translation)(*map(float, p)),
                rotation=type(extra.transform.rotation)(float(x), float(y), float(z), float(w)),
            )
            message.transforms = [*message.transforms, extra]
        return message

    assert imported(tmp_path, Script(tamper=wander, drop=('/tf_static',)))['camera_moved'] == Severity.WARNING


def test_few_frames(tmp_path):
    script = Script(image_rate=0.5)
    script.events['scene'] = 0.2
    assert imported(tmp_path, script)['few_frames'] == Severity.INFO


def test_gripper_unknown(tmp_path):
    assert 'gripper_unknown' in imported(tmp_path, Script(drop=('/joint_states',)))


def test_bad_transforms(tmp_path):
    def break_one(topic, at, message):
        if topic == '/tf' and abs(at - 1.0) < 0.001:
            message.transforms[0].transform.rotation.w = 0.0
            message.transforms[0].transform.rotation.x = 0.0
        return message

    assert imported(tmp_path, Script(tamper=break_one))['bad_transforms'] == Severity.WARNING


def test_object_doubtful(tmp_path):
    script = Script.plain(second_object=True)
    middle = BOX[1] + 0.038  # between the two boxes
    script.way = [(t, (x, middle if y == BOX[1] else y, z)) for t, (x, y, z) in script.way]
    assert imported(tmp_path, script, task='pick up the box')['object_doubtful'] == Severity.WARNING


def test_task_not_understood_and_other_robot(tmp_path):
    script = Script()
    script.custom_data = {'task': 'xyzzy', 'robot': 'ur5'}
    found = imported(tmp_path, script)
    assert found['task_not_understood'] == Severity.WARNING and found['other_robot'] == Severity.ERROR


def test_findings_say_their_severity():
    finding = Finding(Severity.ERROR, 'gap', 'no tool pose for 1 s')
    assert str(finding) == 'error gap: no tool pose for 1 s'
    assert errors_of([finding, Finding(Severity.INFO, 'x', 'y')]) == [finding]
