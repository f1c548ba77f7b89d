"""The MoveIt backend against a stand-in that keeps the documented contract of moveit_py; never run on the real one."""

import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

rclpy = pytest.importorskip('rclpy')
pytest.importorskip('mt3_interfaces', reason='the workspace is not built')

from mt3_common.errors import StatusCode  # noqa: E402
from mt3_common.example_robots import example_robot  # noqa: E402
from mt3_common.robot import RobotConfig  # noqa: E402
from mt3_common.testing import wait_until  # noqa: E402
from mt3_executor.backends.boxes import boxes_of  # noqa: E402
from mt3_executor.backends.moveit import MoveItBackend  # noqa: E402
from mt3_executor.backends.moveit_config import MoveItConfig  # noqa: E402
from mt3_executor.config import PlanningConfig  # noqa: E402
from mt3_executor.obstacles import Obstacles  # noqa: E402
from mt3_executor.ports import StopSignal  # noqa: E402
from mt3_executor.testing.fake_drivers import FakeCell  # noqa: E402
from mt3_executor.testing.fake_ports import FakeArm  # noqa: E402
from mt3_executor.testing.scenes import above, box_points, grasp  # noqa: E402

# The SRDF of example-robot-data names its groups otherwise than MoveIt's configuration of the Panda does.
GROUP = '<group name="panda_arm"><chain base_link="panda_link0" tip_link="panda_hand_tcp"/></group>'
FAKE = str(Path(__file__).parent / 'fake_moveit')


@pytest.fixture
def moveit(monkeypatch):
    """Give the fake `moveit.planning`; gone again after the test."""
    monkeypatch.syspath_prepend(FAKE)
    import moveit.planning as planning

    planning.CALLS.clear()
    planning.ANSWER['fail'] = None
    yield planning
    for name in [name for name in sys.modules if name.split('.')[0] in ('moveit', 'moveit_msgs')]:
        del sys.modules[name]


def parameters(tmp_path, **changes):
    """Write the parameter file of MoveItPy and return its path."""
    urdf, srdf = example_robot('panda').texts()
    semantic = srdf.replace('</robot>', f'{GROUP}</robot>')
    content = {
        'robot_description': urdf,
        'robot_description_semantic': semantic,
        'planning_pipelines': {'pipeline_names': ['ompl']},
        **changes,
    }
    path = tmp_path / 'moveit.yaml'
    path.write_text(yaml.safe_dump({'mt3_moveit': {'ros__parameters': content}}))
    return str(path)


class Bench:
    """The backend, with joint states on a real topic and an arm that does not move."""

    def __init__(self, ros, panda, tmp_path, robot=None, **config):
        self.cell = ros.add(FakeCell(above(0.5, 0.1, 0.2), grasp(), context=ros.context))
        self.panda, self.arm = panda, FakeArm(panda.home.copy())
        moveit_config = MoveItConfig(params_file=parameters(tmp_path), **config)
        self.backend = MoveItBackend(lambda: panda, self.arm, robot or RobotConfig(), PlanningConfig(), moveit_config)

    def wait(self):
        owner = self.backend._owner
        wait_until(lambda: self.backend.ready().ok or owner.problem(), 20.0, 'the backend')
        wait_until(lambda: not owner.started() or owner._moveit.q is not None, 20.0, 'a state of the joints')

    def plan(self, obstacles, T_base_bottleneck=None):
        T = above(0.5, 0.1, 0.2) if T_base_bottleneck is None else T_base_bottleneck
        return self.backend.plan(T, grasp(), obstacles, 1.0, StopSignal())

    def close(self):
        owner = self.backend._owner
        self.backend.close()
        if hasattr(owner, '_moveit'):
            owner._moveit.shutdown()


@pytest.fixture
def bench(moveit, ros, panda, tmp_path):
    bench = Bench(ros, panda, tmp_path)
    bench.wait()
    yield bench
    bench.close()


TABLE = Obstacles(support_height_m=0.0)


def test_approach_comes_from_moveit_and_ends_straight_at_the_bottleneck(bench, moveit):
    plan = bench.plan(TABLE)
    assert plan.status.ok, plan.status
    assert moveit.CALLS.count('plan to joints') == 1 and 'object mt3_table' in moveit.CALLS
    assert np.allclose(plan.approach.position[0], bench.panda.home, atol=1e-6)
    assert np.allclose(plan.approach.position[-1], plan.segments[0].trajectory.position[0], atol=1e-5)
    end = [bench.panda.fk(q) for q in plan.approach.at(plan.approach.duration_s - np.array([0.3, 0.2, 0.1, 0.0]))]
    assert all(np.allclose(T[:2, 3], [0.5, 0.1], atol=2e-3) for T in end)  # the last stretch is straight down
    home = bench.backend.plan_home(1.0, StopSignal())
    assert home.status.ok and home.approach is None  # it stands there already


def test_scene_is_moveits_too(bench, moveit):
    wall = box_points((0.5, 0.0, 0.2), (0.2, 0.04, 0.3), 0.01)
    held = box_points((0.0, 0.0, 0.02), (0.03, 0.03, 0.04), 0.01)
    obstacles = Obstacles(wall, box_points((0.5, 0.25, 0.03), (0.05, 0.05, 0.06)), 0.0, held)
    bench.plan(obstacles, above(0.5, 0.25, 0.2))
    world = bench.backend._owner._monitor.world
    assert set(world.things) == {'mt3_table', 'mt3_scene', 'mt3_target'} and set(world.attached) == {'mt3_held'}
    calls = len([c for c in moveit.CALLS if c.startswith('object')])
    bench.plan(obstacles, above(0.5, 0.25, 0.2))  # the same scene is not sent again
    assert len([c for c in moveit.CALLS if c.startswith('object')]) == calls
    bench.plan(TABLE)  # and an old one does not linger, nor what was in the hand
    assert set(world.things) == {'mt3_table'} and not world.attached


def test_when_moveit_reaches_no_solution_of_ours_its_own_is_taken(bench, moveit):
    moveit.ANSWER['fail'] = 'joints before a pose'
    plan = bench.plan(TABLE)
    assert plan.status.ok, plan.status
    first = moveit.CALLS.index('plan to pose')
    assert moveit.CALLS[:first].count('plan to joints') > 2  # every way of ours was asked for before
    assert np.allclose(plan.approach.position[-1], plan.segments[0].trajectory.position[0], atol=1e-5)


def test_nothing_found_is_a_refusal_with_moveits_code(bench, moveit):
    moveit.ANSWER['fail'] = 'all'
    plan = bench.plan(TABLE)
    assert plan.status.code == StatusCode.UNREACHABLE and 'error code -1' in plan.status.message
    assert plan.approach is None


def test_moveit_that_believes_the_arm_elsewhere_is_refused(bench):
    bench.arm.q = bench.panda.home + 0.2
    plan = bench.plan(TABLE)
    assert not plan.status.ok and 'joint states' in plan.status.message


def test_unknown_frame_and_unknown_group_are_named(moveit, ros, panda, tmp_path):
    bench = Bench(ros, panda, tmp_path, RobotConfig(planning_group='elbows'))
    bench.wait()
    assert bench.backend.ready().code == StatusCode.HARDWARE and "Group 'elbows'" in bench.backend.ready().message
    bench.close()
    bench = Bench(ros, panda, tmp_path, RobotConfig(base_frame='world_frame'))
    bench.wait()
    plan = bench.plan(TABLE)
    assert not plan.status.ok and "'world_frame'" in plan.status.message
    bench.close()


def test_missing_parameters_are_told_and_nothing_is_planned(moveit, ros, panda, tmp_path):
    bench = Bench(ros, panda, tmp_path)
    bench.backend._owner.close()
    bench.close()
    backend = MoveItBackend(lambda: panda, bench.arm, RobotConfig(), PlanningConfig(), MoveItConfig())
    wait_until(backend._owner.problem, 10.0, 'a problem')
    assert 'robot_description' in backend.ready().message and 'moveit.params_file' in backend.ready().message
    backend.close()


def test_cancelling_does_not_wait_for_moveit(bench):
    stop = StopSignal()
    stop.request(StatusCode.CANCELLED, 'enough')
    plan = bench.backend.plan(above(0.5, 0.1, 0.2), grasp(), TABLE, 1.0, stop)
    assert plan.status.code == StatusCode.CANCELLED


def test_whole_task_over_dds_through_moveit(moveit, ros_domain, tmp_path, monkeypatch):
    """Execute, from the goal to the outcome, with the backend chosen by parameters alone."""
    from mt3_executor.testing.graph_node import Graph

    graph = Graph(tmp_path, backend='moveit', moveit__params_file=parameters(tmp_path))
    try:
        graph.wait(lambda: graph.node._backend.ready().ok)
        graph.wait(lambda: graph.node._backend._owner._moveit.q is not None)
        result = graph.run()
        assert result.status.code == StatusCode.OK, result.status.message
        assert len(graph.cell.goals) == 3 and result.outcome_ok
        assert 'plan to joints' in moveit.CALLS
    finally:
        moveit_py = graph.node._backend._owner._moveit
        graph.close()
        moveit_py.shutdown()


def test_moveit_that_is_not_installed_is_said_at_the_start(ros_domain, tmp_path):
    from mt3_common.errors import MT3Error
    from mt3_executor.backends.choice import make_backend
    from mt3_executor.config import ExecutorConfig

    with pytest.raises(MT3Error, match='moveit-py'):
        make_backend(ExecutorConfig(backend='moveit'), RobotConfig(), lambda: None, None, lambda: '')


def test_boxes_fill_exactly_the_cells():
    rng = np.random.default_rng(0)
    points = rng.uniform(-0.1, 0.1, (300, 3))
    centres, sizes = boxes_of(points, 0.02)
    cells = {tuple(c) for c in np.floor(points / 0.02).astype(int)}
    filled = []
    for centre, size in zip(centres, sizes, strict=True):
        low = np.round((centre - size / 2) / 0.02).astype(int)
        count = np.round(size / 0.02).astype(int)
        filled += [tuple(low + offset) for offset in np.ndindex(*count)]
    assert sorted(filled) == sorted(cells)  # none missing, none twice
    assert len(boxes_of(box_points((0.3, 0.1, 0.1), (0.1, 0.1, 0.2), 0.01), 0.01)[0]) == 1
    assert len(boxes_of(np.zeros((0, 3)), 0.01)[0]) == 0
