import numpy as np
import pytest

from mt3_common import se3
from mt3_common.errors import InvalidInput
from mt3_common.meshes import example_robot_data_folder
from mt3_common.robot import RobotConfig
from mt3_executor.robot import ArmModel


def test_jacobian_is_the_derivative_of_the_pose(panda, ur5):
    for arm in (panda, ur5):
        q = arm.home + 0.1
        T, J = arm.tcp_and_jacobian(q)
        for j in range(arm.n):
            moved = q.copy()
            moved[j] += 1e-6
            assert np.allclose(se3.log(se3.inverse(T.homogeneous) @ arm.fk(moved)) / 1e-6, J[:, j], atol=1e-4)


def test_home_is_within_limits_and_free_of_self_collision(panda, ur5):
    from mt3_executor.collision import CollisionWorld, Phase
    from mt3_executor.config import CollisionConfig
    from mt3_executor.obstacles import Obstacles

    for arm in (panda, ur5):
        assert arm.within_limits(arm.home)
        world = CollisionWorld(arm, Obstacles(), CollisionConfig())
        assert world.contact(arm.home, Phase.FREE) == ''


def test_opening_moves_both_fingers(panda):
    panda.set_opening(1.0)
    wide = panda.full(panda.home).copy()
    panda.set_opening(0.0)
    assert np.count_nonzero(wide != panda.full(panda.home)) == 2
    panda.set_opening(1.0)


def _panda_urdf() -> str:
    return (example_robot_data_folder() / 'robots/panda_description/urdf/panda.urdf').read_text()


def test_base_frame_may_be_away_from_the_root():
    urdf = _panda_urdf().replace(
        '<link name="panda_link0">',
        '<link name="world"/><joint name="stand" type="fixed"><origin xyz="1 2 3" rpy="0 0 0.5"/>'
        '<parent link="world"/><child link="panda_link0"/></joint><link name="panda_link0">',
        1,
    )
    moved, plain = ArmModel(urdf, '', RobotConfig()), ArmModel(_panda_urdf(), '', RobotConfig())
    assert np.allclose(moved.fk(moved.home), plain.fk(plain.home))
    assert np.allclose(moved.T_root_base[:3, 3], [1, 2, 3])


def test_continuous_joints_get_two_turns():
    urdf = _panda_urdf().replace(
        '<joint name="panda_joint7" type="revolute">', '<joint name="panda_joint7" type="continuous">'
    )
    arm = ArmModel(urdf, '', RobotConfig())
    assert arm.model.nq == 9 and arm.upper[6] == pytest.approx(2 * np.pi)


@pytest.mark.parametrize(
    ('change', 'named'),
    [
        ({'tcp_frame': 'nowhere'}, 'nowhere'),
        ({'base_frame': 'nowhere'}, 'nowhere'),
        ({'arm_joints': ('elbow',), 'home_rad': (0.0,)}, 'elbow'),
        ({'home_rad': (0.0,)}, 'home_rad'),
        ({'base_frame': 'panda_link3'}, 'panda_link3'),
    ],
)
def test_configuration_that_does_not_fit_is_refused(change, named):
    with pytest.raises(InvalidInput, match=named):
        ArmModel(_panda_urdf(), '', RobotConfig(**change))


def test_missing_mesh_and_package_are_named():
    with pytest.raises(InvalidInput, match='no_such_package'):
        ArmModel(_panda_urdf().replace('package://example-robot-data', 'package://no_such_package'), '', RobotConfig())
    with pytest.raises(InvalidInput, match='link0_gone'):
        ArmModel(_panda_urdf().replace('collision/link0.stl', 'collision/link0_gone.stl'), '', RobotConfig())
    with pytest.raises(InvalidInput, match='not valid XML'):
        ArmModel('<robot', '', RobotConfig())
