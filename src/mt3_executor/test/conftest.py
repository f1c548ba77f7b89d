"""Arms that several tests use."""

import pytest

from mt3_executor.robot import ArmModel


@pytest.fixture(scope='session')
def panda() -> ArmModel:
    return ArmModel.from_example_robot_data('panda')


@pytest.fixture(scope='session')
def ur5() -> ArmModel:
    return ArmModel.from_example_robot_data('ur5')
