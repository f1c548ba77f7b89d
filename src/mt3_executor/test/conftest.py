"""Arms that several tests use."""

import pytest

from mt3_executor.robot import ArmModel
from mt3_executor.testing.task_cell import TaskCell


@pytest.fixture(scope='session')
def panda() -> ArmModel:
    return ArmModel.from_example_robot_data('panda')


@pytest.fixture(scope='session')
def ur5() -> ArmModel:
    return ArmModel.from_example_robot_data('ur5')


@pytest.fixture
def cell(panda) -> TaskCell:
    return TaskCell(panda)


@pytest.fixture
def graph(ros_domain, tmp_path, request):
    from mt3_executor.testing.graph_node import Graph

    graph = Graph(tmp_path, **getattr(request, 'param', {}))
    yield graph
    graph.close()
