"""The simulated cell and all nodes through ROS 2's own launch, where it is installed."""

from pathlib import Path

import pytest

launch_pytest = pytest.importorskip('launch_pytest', reason='ros2 launch is not installed; test_up.py does the same')

LAUNCH = Path(__file__).resolve().parents[3] / 'launch'


@pytest.mark.parametrize('path', sorted(LAUNCH.rglob('*.launch.xml')), ids=lambda path: path.name)
def test_file_is_understood(path):
    from launch.frontend import Parser

    root, parser = Parser.load(str(path))
    parser.parse_description(root)


@launch_pytest.fixture
def simulation(ros_domain, tmp_path):
    from launch import LaunchDescription
    from launch.actions import IncludeLaunchDescription
    from launch_xml.launch_description_sources import XMLLaunchDescriptionSource

    arguments = [(name, str(tmp_path / name)) for name in ('library', 'runs', 'bags')]
    return LaunchDescription(
        [
            IncludeLaunchDescription(
                XMLLaunchDescriptionSource(str(LAUNCH / 'sim.launch.xml')), launch_arguments=arguments
            ),
            launch_pytest.actions.ReadyToTest(),
        ]
    )


@pytest.mark.timeout(300)
@pytest.mark.launch(fixture=simulation)
def test_simulation_comes_up_and_answers(stack_answers):
    stack_answers()
