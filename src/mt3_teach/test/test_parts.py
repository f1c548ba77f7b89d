"""Several demonstrations in one bag."""

import pytest

from mt3_common.errors import MT3Error
from mt3_common.robot import RobotConfig
from mt3_teach.import_part import Wanted
from mt3_teach.importer import import_parts
from mt3_teach.testing import Script, write_bag


def twice(**changes):
    """The script, the way home, and the script once more: 11 s later."""
    once = Script()
    home = once.way[0][1]
    way = [*once.way, (10.4, home)] + [(t + 11.0, p) for t, p in once.way if t > 0.0]
    grips = [*once.grips, (10.4, 0.5, 1.0)] + [(t + 11.0, a, b) for t, a, b in once.grips]
    return Script(way=way, grips=grips, **changes)


def parts(bag, **wanted):
    return import_parts(bag, Wanted(**wanted), robot=RobotConfig())


def test_unmarked_parts_begin_where_the_tool_rests_at_home(tmp_path):
    script = twice(events={}, drop=('/mt3/events',))
    found = parts(write_bag(tmp_path / 'bag', script))
    assert len(found) == 2
    first, second = (r.demonstration for r in found)
    assert (second.recorded_at - first.recorded_at).total_seconds() > 9.0
    assert abs(first.T_base_bottleneck - second.T_base_bottleneck).max() < 0.004
    assert all(r.demonstration.interaction.gripper_opening.min() == 0.0 for r in found)


def test_one_demonstration_stays_one(tmp_path):
    assert len(parts(write_bag(tmp_path / 'bag', Script.plain()), task='pick up the box')) == 1


class Marked(dict):
    """Events of which several have the same name."""

    def items(self):
        return [('scene', 0.8), ('bottleneck', 4.3), ('end', 8.7), ('scene', 11.8), ('bottleneck', 15.3), ('end', 19.7)]


def test_marks_divide_the_bag(tmp_path):
    found = parts(write_bag(tmp_path / 'bag', twice(events=Marked())))
    assert len(found) == 2 and all('mark "bottleneck"' in r.rules['bottleneck'] for r in found)


def test_a_part_that_fails_refuses_the_bag_by_its_number(tmp_path):
    script = twice(events=Marked())
    script.tamper = lambda topic, at, m: None if topic.endswith('image_raw') and at > 9.0 else m
    with pytest.raises(MT3Error, match='demonstration 2 of 2'):
        parts(write_bag(tmp_path / 'bag', script))
