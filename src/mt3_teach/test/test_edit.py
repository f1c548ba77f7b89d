"""Editing a demonstration: the tool still goes where it was taught to go; what cannot be is refused with its limit."""

import dataclasses

import numpy as np
import pytest

from mt3_common import se3
from mt3_common.errors import InvalidInput, MT3Error
from mt3_common.robot import RobotConfig
from mt3_teach.edit import Edit, apply_edit
from mt3_teach.importer import import_bag
from mt3_teach.lead_in import find_bag, lead_in
from mt3_teach.overlay import draw_demonstration, draw_edit
from mt3_teach.testing import Script, synthetic_demonstration, write_bag


@pytest.fixture(scope='module')
def demo():
    return synthetic_demonstration()


def closes_at(demo):
    """Base position of the tool, and time, when the hand closes."""
    k = int(np.argmax(demo.interaction.gripper_opening < 0.5))
    return demo.path_base()[k, :3, 3], demo.interaction.time_s[k]


@pytest.mark.parametrize('edit', [Edit(bottleneck_s=0.7), Edit(bottleneck_m=0.03), Edit(back_off_m=0.05)])
def test_a_moved_bottleneck_leaves_the_grasp_where_it_was(demo, edit):
    edited = apply_edit(demo, edit).demonstration
    np.testing.assert_allclose(closes_at(edited)[0], closes_at(demo)[0], atol=1e-9)
    np.testing.assert_allclose(edited.path_base()[-1], demo.path_base()[-1], atol=1e-9)
    gain = edited.interaction.duration_s - demo.interaction.duration_s
    assert closes_at(edited)[1] - closes_at(demo)[1] == pytest.approx(gain)
    assert edited.id == demo.id and edited.rgb is demo.rgb


def test_it_moves_by_seconds_by_the_way_and_straight_back(demo):
    later = apply_edit(demo, Edit(bottleneck_s=0.7)).demonstration
    at = se3.interpolate(demo.interaction.time_s, demo.path_base(), np.array([0.7]))[0]
    np.testing.assert_allclose(later.T_base_bottleneck, at, atol=1e-9)
    along = apply_edit(demo, Edit(bottleneck_m=0.03)).demonstration
    assert se3.pose_error(along.T_base_bottleneck, demo.T_base_bottleneck)[0] == pytest.approx(0.03, abs=0.003)
    back = apply_edit(demo, Edit(back_off_m=0.05)).demonstration
    np.testing.assert_allclose(
        back.T_base_bottleneck[:3, 3], demo.T_base_bottleneck[:3, 3] - 0.05 * demo.T_base_bottleneck[:3, 2], atol=1e-9
    )


def test_the_end_is_cut_at_a_time_or_so_long_before_it(demo):
    cut = apply_edit(demo, Edit(end_s=2.5)).demonstration
    assert cut.interaction.duration_s == 2.5
    np.testing.assert_allclose(
        cut.path_base()[-1], se3.interpolate(demo.interaction.time_s, demo.path_base(), np.array([2.5]))[0], atol=1e-9
    )
    assert cut.interaction.gripper_opening[-1] == 0.0
    assert apply_edit(demo, Edit(end_s=-1.0)).demonstration.interaction.duration_s == pytest.approx(
        demo.interaction.duration_s - 1.0
    )


def test_speed_words_and_alignment(demo):
    done = apply_edit(demo, Edit(speed=2.0, dof=6, stretch=False, refine=False, task='grasp the box', tags=('a',)))
    new = done.demonstration
    assert new.interaction.duration_s == pytest.approx(demo.interaction.duration_s / 2.0)
    np.testing.assert_array_equal(new.interaction.T_bottleneck_tcp, demo.interaction.T_bottleneck_tcp)
    assert (new.dof, new.stretch, new.refine, new.task, new.tags) == (6, False, False, 'grasp the box', ('a',))
    assert 'dof 4 -> 6' in done.changes and 'stretch yes -> no' in done.changes


@pytest.mark.parametrize(
    ('edit', 'words'),
    [
        ({'bottleneck_s': 2.2}, r'must lie before 1\.9. s \(the gripper closes at 1\.9. s\): got 2\.20 s'),
        ({'bottleneck_m': 9.0}, r'path is 2\d\.\d cm long: got 900\.0 cm'),
        ({'bottleneck_s': -0.5}, r'begins at the bottleneck.*got -0\.50 s; name its bag'),
        ({'bottleneck_m': -0.02}, r'got -2\.0 cm; name its bag'),
        ({'back_off_m': 0.5}, r'0 to 20 cm: got 50\.0 cm'),
        ({'back_off_m': -0.01}, r'0 to 20 cm: got -1\.0 cm'),
        ({'end_s': 0.1}, r'between 0\.3 and 4\.40 s: got 0\.10 s'),
        ({'end_s': 99.0}, r'between 0\.3 and 4\.40 s: got 99\.00 s'),
        ({'speed': 9.0}, r'0\.1 to 4\.0 times the present one: got 9'),
        ({'speed': float('nan')}, 'speed must be a finite number'),
        ({'dof': 5}, 'must be 4 or 6: got 5'),
        ({'task': '  '}, 'needs a task text'),
        ({'dof': 4}, 'that way already'),
        ({}, 'nothing to change was named'),
        ({'bottleneck_s': 0.1, 'back_off_m': 0.1}, 'bottleneck_s and back_off_m'),
    ],
)
def test_what_cannot_be_is_refused_with_its_limit(demo, edit, words):
    with pytest.raises(InvalidInput, match=words):
        apply_edit(demo, Edit(**edit))


def test_an_end_before_the_grasp_limits_the_bottleneck_too(demo):
    with pytest.raises(InvalidInput, match='too short'):
        apply_edit(demo, Edit(end_s=1.0, bottleneck_s=0.9))


def test_what_lies_before_the_bottleneck_comes_from_the_recording(tmp_path):
    bag = write_bag(tmp_path / 'bags' / 'one')
    demo = import_bag(bag, robot=RobotConfig()).demonstration
    assert find_bag(demo, (str(tmp_path / 'none'), str(tmp_path / 'bags'))) == bag
    before = lead_in(demo, bag)
    earlier = apply_edit(demo, Edit(bottleneck_s=-1.0), before).demonstration
    truth = Script().position(Script().events['bottleneck'] - 1.0)
    # the import trims the rest at the bottleneck, so a second earlier is a little before that
    assert np.linalg.norm(earlier.T_base_bottleneck[:3, 3] - truth) < 0.1
    assert earlier.interaction.duration_s == pytest.approx(demo.interaction.duration_s + 1.0)
    np.testing.assert_allclose(closes_at(earlier)[0], closes_at(demo)[0], atol=1e-6)
    by_way = apply_edit(demo, Edit(bottleneck_m=-0.1), before).demonstration
    assert se3.pose_error(by_way.T_base_bottleneck, demo.T_base_bottleneck)[0] == pytest.approx(0.1, abs=0.02)
    with pytest.raises(InvalidInput, match='before the bottleneck: got -60'):
        apply_edit(demo, Edit(bottleneck_s=-60.0), before)
    elsewhere = dataclasses.replace(demo, T_base_bottleneck=se3.make(None, (1.0, 0.0, 0.0)) @ demo.T_base_bottleneck)
    with pytest.raises(InvalidInput, match='is it the bag of this demonstration'):
        lead_in(elsewhere, bag)
    with (bag / next(p.name for p in bag.iterdir() if p.suffix == '.mcap')).open('ab') as file:
        file.write(b'another')
    assert find_bag(demo, (str(tmp_path / 'bags'),)) is None
    with pytest.raises(MT3Error):
        lead_in(demo, tmp_path / 'nowhere')


def test_the_picture_shows_before_and_after(demo):
    edited = apply_edit(demo, Edit(bottleneck_s=1.0, end_s=2.5)).demonstration
    picture = draw_edit(demo, edited)
    height, width = demo.mask.shape
    assert picture.shape == (height, 2 * width, 3)
    assert np.mean(np.any(picture[40:, :width] != draw_demonstration(demo)[40:], axis=2)) < 0.01
    assert np.any(picture[40:, :width] != picture[40:, width:])
