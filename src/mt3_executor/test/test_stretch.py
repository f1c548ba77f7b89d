import numpy as np
import pytest

from mt3_common import se3
from mt3_common.errors import Status
from mt3_executor.ports import Retrieved
from mt3_executor.stretch import contact_sample, stretched
from mt3_executor.testing.scenes import above, grasp, pull

TOLERANCE = 0.03


def asked(stretch, interaction=None):
    T = np.stack([above(0.5, 0.1, 0.3, 0.7), above(0.5, 0.1, 0.3, -2.0)])
    return Retrieved(Status(), 'demo', 'grasp', 1, T, interaction or grasp(), stretch=stretch)


def contact(found):
    k = contact_sample(found.interaction, found.T_base_bottleneck[0], TOLERANCE)
    return (found.T_base_bottleneck[0] @ found.interaction.T_bottleneck_tcp[k])[:3, 3]


def test_the_tool_meets_a_taller_object_higher_and_moves_as_demonstrated():
    plain = asked(np.diag([1.0, 1.0, 1.25]))
    found = stretched(plain, 'contact', TOLERANCE)
    assert contact(found) - contact(plain) == pytest.approx([0.0, 0.0, -0.025], abs=1e-3)  # 10 cm down become 12.5
    assert found.interaction is plain.interaction
    away = found.T_base_bottleneck[:, :3, 3] - plain.T_base_bottleneck[:, :3, 3]
    assert np.allclose(away[0], away[1])  # all yaws alike


def test_a_path_is_stretched_in_the_frame_of_the_object():
    R = se3.from_yaw(0.7)[:3, :3]
    along = R @ np.diag([1.5, 1.0, 1.0]) @ R.T  # longer along its own x
    pulled = pull(0.05, (0.1, 0.0, 0.0))
    found = stretched(asked(along, pulled), 'path', TOLERANCE)
    end, before = found.interaction.T_bottleneck_tcp[-1, :3, 3], pulled.T_bottleneck_tcp[-1, :3, 3]
    assert end == pytest.approx([0.15, 0.0, before[2]], abs=1e-6)
    assert np.allclose(found.interaction.T_bottleneck_tcp[0], np.eye(4))


@pytest.mark.parametrize('stretch', [None, np.eye(3)])
@pytest.mark.parametrize('how', ['none', 'contact', 'path'])
def test_rigid_objects_change_nothing(stretch, how):
    plain = asked(stretch)
    assert stretched(plain, how, TOLERANCE) is plain
    assert stretched(asked(np.diag([1.0, 1.0, 1.3])), 'none', TOLERANCE).T_base_bottleneck[0] == pytest.approx(
        plain.T_base_bottleneck[0]
    )
