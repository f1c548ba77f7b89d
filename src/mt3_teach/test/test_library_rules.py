"""Findings about demonstrations in view of each other, and about the arm's limits."""

import dataclasses
from types import SimpleNamespace as Space

import numpy as np
import pytest

from mt3_common.demonstration import new_id
from mt3_common.errors import MT3Error, StatusCode
from mt3_common.robot import RobotConfig
from mt3_retrieval.library import DemoLibrary
from mt3_teach.bag_demo import BagDemo
from mt3_teach.config import LintConfig
from mt3_teach.findings import Severity
from mt3_teach.lint.calibration_rules import calibration_old
from mt3_teach.lint.robot_rules import joint_limits, out_of_limits
from mt3_teach.testing import synthetic_demonstration

pytest.importorskip('dtaidistance', reason='not in this environment yet; ./mt3 setup installs it')

from mt3_teach.lint import lint_library

URDF = """<robot name="r"><joint name="panda_joint1" type="revolute"><limit lower="-1" upper="1" velocity="2"/></joint>
<joint name="panda_joint2" type="continuous"><limit velocity="1"/></joint></robot>"""


def demo(**changes):
    base = synthetic_demonstration()
    return dataclasses.replace(base, id=new_id(), provenance={'camera': 'c', 'source_sha256': new_id()}, **changes)


def elsewhere(offset):
    T = synthetic_demonstration().T_base_bottleneck.copy()
    T[0, 3] += offset
    return demo(T_base_bottleneck=T)


def linted(tmp_path, *demos):
    library = DemoLibrary.open(tmp_path / 'library', embed=None)
    library.add_many(demos)
    return {(f.name, i): f.severity for i, f in lint_library(library)}


def test_a_single_demonstration_has_no_findings(tmp_path):
    assert linted(tmp_path, demo()) == {}


def test_near_duplicate_and_duplicate_task(tmp_path):
    demos = [demo(), demo(), elsewhere(0.08)]
    found = linted(tmp_path, *demos)
    twins = [i for name, i in found if name == 'near_duplicate']
    assert len(twins) == 1 and twins[0] in (demos[0].id, demos[1].id)
    assert [s for (name, _), s in found.items() if name == 'duplicate_task'] == [Severity.INFO]


def test_unknown_skill(tmp_path):
    odd = demo(task='xyzzy plugh', skill='', target='')
    assert ('unknown_skill', odd.id) in linted(tmp_path, odd)


def test_a_camera_that_was_moved_after_its_calibration(tmp_path):
    depth = synthetic_demonstration().depth_m + np.float32(0.05)
    later = demo(depth_m=depth, recorded_at=demo().recorded_at.replace(year=2099))
    found = linted(tmp_path, demo(), later)
    assert found['calibration_old', later.id] == Severity.ERROR


def test_an_outlier(tmp_path):
    pytest.importorskip('gmr', reason='not in this environment yet; ./mt3 setup installs it')
    demos = [elsewhere(0.02 * k) for k in range(4)]
    path = demos[3].interaction
    T = path.T_bottleneck_tcp.copy()
    T[:, 0, 3] += 0.2 * np.linspace(0, 1, len(T))
    demos[3] = dataclasses.replace(demos[3], interaction=dataclasses.replace(path, T_bottleneck_tcp=T))
    assert [i for name, i in linted(tmp_path, *demos) if name == 'outlier'] == [demos[3].id]


def recording(q, times=None):
    times = np.linspace(0.0, 2.0, len(q)) if times is None else times
    bag = BagDemo(None, urdf=URDF, joint_times=times, joints={'panda_joint1': np.array(q)})
    return Space(demo=bag, robot=RobotConfig(), bottleneck_s=0.0, end_s=2.0)


@pytest.mark.parametrize(
    ('q', 'name'),
    [
        (np.linspace(-0.5, 0.5, 50), None),
        (np.linspace(0.5, 1.2, 50), 'out_of_limits'),
        (np.linspace(0.5, 0.98, 50), 'near_limits'),
        (0.8 * np.sin(np.linspace(0, 30, 50)), 'too_fast'),
    ],
)
def test_limits_of_the_arm(q, name):
    found = out_of_limits(recording(q), None, LintConfig())
    assert (found.name if found else None) == name


def test_limits_of_a_urdf():
    assert joint_limits(URDF) == {'panda_joint1': (-1.0, 1.0, 2.0), 'panda_joint2': (-np.inf, np.inf, 1.0)}
    assert joint_limits('<robot') == {}


@pytest.mark.parametrize(
    ('calibrated', 'moved', 'name'),
    [
        ('2026-01-02T00:00:00+00:00', '2026-01-01T00:00:00+00:00', None),
        ('2026-01-02', '', None),
        ('2026-01-01T00:00:00+00:00', '2026-01-02T00:00:00+00:00', 'calibration_old'),
        ('yesterday', '2026-01-02T00:00:00+00:00', 'calibration_undated'),
    ],
)
def test_dates_of_the_calibration(calibrated, moved, name):
    bag = BagDemo(None, custom_data={'calibrated_at': calibrated, 'camera_moved_at': moved})
    found = calibration_old(Space(demo=bag), None, LintConfig())
    assert (found.name if found else None) == name


def test_one_that_is_stored_as_another_task_than_it_reads(tmp_path):
    found = linted(tmp_path, demo(skill='push', target='cup'))
    assert [name for name, _ in found] == ['parse_changed']


def test_one_without_a_shape(tmp_path):
    depth = np.full_like(synthetic_demonstration().depth_m, np.nan)
    found = {name: severity for (name, _), severity in linted(tmp_path, demo(depth_m=depth)).items()}
    assert found['no_shape'] == Severity.ERROR


def test_one_that_cannot_be_read_is_told_and_keeps_no_other_out(tmp_path, monkeypatch):
    library = DemoLibrary.open(tmp_path / 'library', embed=None)
    bad, _ = library.add_many([demo(), elsewhere(0.2)])
    whole = library.get

    def get(demonstration_id):
        if demonstration_id == bad.id:
            raise MT3Error('rgb_png cannot be decoded', StatusCode.STORAGE)
        return whole(demonstration_id)

    monkeypatch.setattr(library, 'get', get)
    found = {identity: f.severity for identity, f in lint_library(library) if f.name == 'unreadable'}
    assert found == {bad.id: Severity.ERROR}
