import numpy as np
import pytest

from mt3_executor.resume import nearest_time, rest_of, reversed_trajectory
from mt3_executor.trajectory import JointTrajectory


def there_and_back(duration_s=4.0):
    """Return a motion of two joints that passes each place twice."""
    t = np.linspace(0.0, duration_s, 201)
    w = 2.0 * np.pi / duration_s
    q = np.column_stack([0.5 - 0.5 * np.cos(w * t), 0.2 - 0.2 * np.cos(w * t)])
    qd = np.column_stack([0.5 * w * np.sin(w * t), 0.2 * w * np.sin(w * t)])
    qdd = np.column_stack([0.5 * w**2 * np.cos(w * t), 0.2 * w**2 * np.cos(w * t)])
    return JointTrajectory(t, q, qd, qdd)


def consistent(trajectory):
    """Whether velocities are the slope of the positions, and the motion starts and ends at rest."""
    slope = np.gradient(trajectory.position, trajectory.time_s, axis=0)
    rest = np.abs(trajectory.velocity[[0, -1]]).max() < 1e-9
    return rest and np.abs(slope - trajectory.velocity)[2:-2].max() < 0.06 and np.all(np.diff(trajectory.time_s) > 0)


@pytest.mark.parametrize('at_s', [0.0, 0.7, 1.4, 2.6, 3.4, 3.9])
@pytest.mark.parametrize('off', [0.0, 0.02])
def test_the_rest_starts_where_the_arm_stands_and_ends_where_it_was_to_end(at_s, off):
    whole = there_and_back()
    q = whole.at(np.array([at_s]))[0] + [off, -off]
    rest = rest_of(whole, q, at_s)
    assert np.allclose(rest.position[0], q) and np.allclose(rest.position[-1], whole.position[-1])
    assert consistent(rest)
    assert np.abs(rest.velocity).max() <= np.abs(whole.velocity).max() + 4.0 * off + 1e-6
    away = [nearest_time(whole, p)[1] for p in rest.position]
    assert max(away) <= off + 3e-3  # never farther from the path than it stood


def test_nothing_is_left_at_the_end():
    whole = there_and_back()
    assert rest_of(whole, whole.position[-1], whole.duration_s) is None


def test_the_same_place_is_told_apart_by_the_hint():
    whole = there_and_back()
    q = whole.at(np.array([1.0]))[0]
    assert nearest_time(whole, q, 0.9)[0] == pytest.approx(1.0, abs=0.01)
    assert nearest_time(whole, q, 2.9)[0] == pytest.approx(3.0, abs=0.01)


def test_backwards_is_the_same_path():
    whole = there_and_back()
    back = reversed_trajectory(whole)
    assert consistent(back) and np.allclose(back.position, whole.position[::-1])
    assert np.allclose(reversed_trajectory(back).velocity, whole.velocity)
