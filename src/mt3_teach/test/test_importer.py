"""From synthetic bags to demonstrations, marked and plain, in MCAP and sqlite3."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from mt3_common.errors import MT3Error, StatusCode
from mt3_common.robot import RobotConfig
from mt3_teach.config import ImportConfig, TopicsConfig
from mt3_teach.importer import import_bag
from mt3_teach.testing import BOX, Script, box_view, to_sqlite3, write_bag

ROBOT = RobotConfig()
TASK = 'pick up the box'


@pytest.fixture(scope='module')
def bags(tmp_path_factory):
    folder = tmp_path_factory.mktemp('bags')
    marked, plain = write_bag(folder / 'marked'), write_bag(folder / 'plain', Script.plain())
    return {'marked': marked, 'plain': plain, 'sqlite3': to_sqlite3(plain, folder / 'sqlite3')}


class FakeLibrary:
    def __init__(self):
        self.demos = []

    def add(self, demo):
        self.demos.append(demo)
        return demo


def truth_mask():
    return box_view().ids == 1


@pytest.mark.parametrize('kind', ['marked', 'plain', 'sqlite3'])
def test_every_kind_of_bag_gives_the_same_demonstration(bags, kind):
    result = import_bag(bags[kind], robot=ROBOT, task=TASK)
    demo = result.demonstration
    assert result.status.ok and not result.stored
    np.testing.assert_allclose(demo.T_base_bottleneck[:3, 3], [BOX[0], BOX[1], 0.14], atol=0.004)
    mask, truth = demo.mask, truth_mask()
    assert (mask & truth).sum() / (mask | truth).sum() > 0.85
    end = demo.path_base()[-1, :3, 3]
    np.testing.assert_allclose(end[:2], BOX[:2], atol=0.003)
    assert end[2] > 0.15
    opening = demo.interaction.gripper_opening
    assert opening[0] == 1.0 and opening[-1] == 0.0 and set(opening) == {0.0, 1.0}
    closes = demo.interaction.time_s[np.argmax(opening == 0.0)]
    lowest = demo.path_base()[:, 2, 3]
    assert lowest[np.argmax(opening == 0.0)] == pytest.approx(0.045, abs=0.003)
    assert 1.0 < closes < 3.0
    assert (demo.skill, demo.target, demo.robot) == ('pick_up', 'box', 'panda')
    assert demo.support_height_m == pytest.approx(0.0, abs=0.005)
    assert result.pictures['overlay'].shape == demo.rgb.shape
    assert set(result.rules) >= {'scene', 'object', 'bottleneck', 'end', 'tool path', 'gripper'}


def test_marks_and_custom_data_are_used(bags):
    result = import_bag(bags['marked'], robot=ROBOT)
    assert result.demonstration.task == TASK and result.demonstration.simulated
    assert 'mark "scene"' in result.rules['scene'] and 'mark "end"' in result.rules['end']
    assert 'mark "bottleneck"' in result.rules['bottleneck']
    assert result.demonstration.provenance['source'] == 'marked'


def test_plain_bags_need_a_task(bags):
    with pytest.raises(MT3Error, match='does not say its task') as refusal:
        import_bag(bags['plain'], robot=ROBOT)
    assert refusal.value.code == StatusCode.INVALID_INPUT


def test_scene_is_averaged_over_frames_before_the_arm_moves(bags):
    demo = import_bag(bags['plain'], robot=ROBOT, task=TASK).demonstration
    error = demo.depth_m - box_view().depth_m
    assert np.nanstd(error[np.abs(error) < 0.01]) < 0.0006  # one frame has 0.8 mm


def test_object_by_pixel_and_by_point(bags):
    view = box_view()
    v, u = (int(np.median(x)) for x in np.nonzero(view.ids == 2))
    by_pixel = import_bag(bags['marked'], robot=ROBOT, pixel=(u, v)).demonstration
    assert by_pixel.mask[v, u]
    by_point = import_bag(bags['marked'], robot=ROBOT, point=np.array([0.45, -0.15, 0.05])).demonstration
    np.testing.assert_array_equal(by_pixel.mask, by_point.mask)


@pytest.mark.parametrize(
    ('choice', 'code'),
    [
        ({'pixel': (2, 2)}, StatusCode.OBJECT_NOT_FOUND),
        ({'pixel': (999, 2)}, StatusCode.INVALID_INPUT),
        ({'point': (0.6, 0.4, 0.0)}, StatusCode.OBJECT_NOT_FOUND),
        ({'pixel': (2, 2), 'point': (0, 0, 0)}, StatusCode.INVALID_INPUT),
    ],
)
def test_choices_that_miss_are_refused(bags, choice, code):
    with pytest.raises(MT3Error) as refusal:
        import_bag(bags['marked'], robot=ROBOT, **choice)
    assert refusal.value.code == code


def test_a_tool_that_touches_nothing_is_refused(tmp_path):
    script = Script.plain()
    script.way = [(t, (x - 0.0, y - 0.45, z + 0.2)) for t, (x, y, z) in script.way]
    with pytest.raises(MT3Error, match='acts on no object') as refusal:
        import_bag(write_bag(tmp_path / 'bag', script), robot=ROBOT, task=TASK)
    assert refusal.value.code == StatusCode.OBJECT_NOT_FOUND


def test_stores_when_the_linter_finds_no_error(bags):
    library = FakeLibrary()
    result = import_bag(bags['marked'], robot=ROBOT, library=library, tags=('a',), notes='n')
    assert result.stored and library.demos == [result.demonstration]
    assert result.demonstration.tags == ('a',) and result.demonstration.notes == 'n'


def test_errors_keep_it_out_unless_forced(tmp_path):
    script = Script()
    script.events['bottleneck'] = 5.99  # at the object
    bag, library = write_bag(tmp_path / 'bag', script), FakeLibrary()
    result = import_bag(bag, robot=ROBOT, library=library)
    assert not result.stored and not library.demos and 'bottleneck_inside' in result.status.message
    assert result.findings[0].name == 'bottleneck_inside'
    assert import_bag(bag, robot=ROBOT, library=library, force=True).stored


@pytest.mark.parametrize('topic', [TopicsConfig().color, TopicsConfig().depth, TopicsConfig().camera_info])
def test_missing_topics_are_named(tmp_path, topic):
    bag = write_bag(tmp_path / 'bag', Script(drop=(topic,)))
    with pytest.raises(MT3Error, match=topic) as refusal:
        import_bag(bag, robot=ROBOT)
    assert refusal.value.code == StatusCode.NO_DATA


def test_missing_camera_pose_is_a_calibration_refusal(tmp_path):
    bag = write_bag(tmp_path / 'bag', Script(drop=('/tf_static',)))
    with pytest.raises(MT3Error, match='where the camera') as refusal:
        import_bag(bag, robot=ROBOT)
    assert refusal.value.code == StatusCode.CALIBRATION


def test_missing_tool_path_says_what_each_source_lacks(tmp_path):
    bag = write_bag(tmp_path / 'bag', Script(drop=('/tf',)))
    with pytest.raises(MT3Error, match=r'panda_hand_tcp.*joint states lack panda_joint1') as refusal:
        import_bag(bag, robot=ROBOT)
    assert refusal.value.code == StatusCode.NO_DATA


def test_a_recording_that_starts_in_motion_has_no_scene(tmp_path):
    script = Script.plain()
    script.way = [(max(t - 2.0, 0.0) + 0.001 * k, p) for k, (t, p) in enumerate(script.way)][1:]
    script.grips = [(4.2, 1.0, 0.5)]
    with pytest.raises(MT3Error, match='no picture of the scene'):
        import_bag(write_bag(tmp_path / 'bag', script), robot=ROBOT, task=TASK)


def test_a_tool_that_never_moves_is_refused(tmp_path):
    script = Script()
    script.way = [(0.0, (0.3, -0.35, 0.5)), (5.0, (0.3, -0.35, 0.5))]
    script.grips, script.events = [], {'scene': 1.0}
    with pytest.raises(MT3Error, match='never moves'):
        import_bag(write_bag(tmp_path / 'bag', script), robot=ROBOT)


def test_a_torn_bag_and_no_bag_are_storage_refusals(bags, tmp_path):
    torn = tmp_path / 'torn'
    torn.mkdir()
    for file in bags['marked'].iterdir():
        data = file.read_bytes()
        (torn / file.name).write_bytes(data[: len(data) // 2] if file.suffix == '.mcap' else data)
    for path in (torn, Path(tmp_path / 'nothing')):
        with pytest.raises(MT3Error) as refusal:
            import_bag(path, robot=ROBOT)
        assert refusal.value.code == StatusCode.STORAGE


def test_topics_can_be_named_otherwise(tmp_path, bags):
    with pytest.raises(MT3Error, match='/other/depth'):
        import_bag(bags['marked'], robot=ROBOT, config=ImportConfig(topics=TopicsConfig(depth='/other/depth')))


def test_a_held_object_is_pressed_from_the_start(tmp_path):
    script = Script(grips=[(6.2, 0.5, 1.0)], opening=0.5)
    script.custom_data = {**script.custom_data, 'task': 'place the block on the box'}
    result = import_bag(write_bag(tmp_path / 'bag', script), robot=ROBOT)
    opening = result.demonstration.interaction.gripper_opening
    assert opening[0] == 0.0 and opening[-1] == 1.0 and 'held from the start' in result.rules['gripper']
    assert result.demonstration.other == 'block'


def test_interaction_without_gripper_motion_ends_at_rest(tmp_path):
    script = Script.plain(grips=[])
    result = import_bag(write_bag(tmp_path / 'bag', script), robot=ROBOT, task='press the button')
    assert result.rules['end'] == 'the last rest of the tool'
    assert result.demonstration.interaction.gripper_opening.min() == 1.0


def test_without_a_pause_the_bottleneck_is_at_its_clearance(tmp_path):
    script = Script.plain()
    script.way = [w for w in script.way if w[0] not in (4.0, 4.6)]
    script.way.insert(2, (4.0, (BOX[0], BOX[1], 0.35)))
    result = import_bag(write_bag(tmp_path / 'bag', script), robot=ROBOT, task=TASK)
    assert result.rules['bottleneck'].startswith('no pause')
    assert result.demonstration.T_base_bottleneck[2, 3] == pytest.approx(BOX[2] + 0.10, abs=0.012)


def test_result_is_immutable(bags):
    result = import_bag(bags['marked'], robot=ROBOT)
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.stored = True
