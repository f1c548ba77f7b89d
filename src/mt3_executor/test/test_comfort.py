import numpy as np
import pytest

from mt3_executor.comfort import Comfort, comfort_at


def test_the_worst_measure_counts():
    good = Comfort(1.0, 1.0, 1.0, 1.0)
    assert good.score() == 1.0 and Comfort().score() == 1.0
    assert Comfort(limit_margin_rad=0.03).score() == pytest.approx(0.1)
    assert Comfort(singular_value=0.015).score() == pytest.approx(0.1)
    assert Comfort(free_torque_share=0.04).score() == pytest.approx(0.1)
    assert Comfort(clearance_m=0.0).score() == pytest.approx(0.5)
    assert Comfort(free_torque_share=-0.5).score() == 0.0
    assert good.worst(Comfort(0.1)) == Comfort(0.1, 1.0, 1.0, 1.0)


def test_at_a_limit_stretched_and_loaded(panda):
    home = comfort_at(panda, panda.home)
    q = panda.home.copy()
    q[3] = panda.upper[3] - 0.01
    assert comfort_at(panda, q).limit_margin_rad == pytest.approx(0.01)
    stretched = np.array([0.0, 1.2, 0.0, -0.1, 0.0, 1.3, 0.0])
    assert comfort_at(panda, stretched).singular_value < 0.3 * home.singular_value
    assert comfort_at(panda, stretched).free_torque_share < home.free_torque_share
    assert comfort_at(panda, stretched, 3.0).free_torque_share < comfort_at(panda, stretched).free_torque_share
