"""The expert over DDS, against the cell's node: it moves the arm as a person would, and marks the moments."""

import sys

import pytest

rclpy = pytest.importorskip('rclpy', reason='needs the ROS environment: ./mt3 shell')
pytest.importorskip('mt3_interfaces', reason='needs the built workspace: ./mt3 build')

from mt3_common.errors import InvalidInput  # noqa: E402
from mt3_common.testing import NodeProcess  # noqa: E402
from mt3_interfaces.srv import MarkEvent, SimJudge, SimReset  # noqa: E402
from mt3_sim.experts.teleop_node import ExpertNode  # noqa: E402

CELL = [sys.executable, '-m', 'mt3_sim.node', '--ros-args', '-p', 'real_time_factor:=3.0', '-p', 'camera_rate:=0.2']


@pytest.mark.timeout(300)
def test_the_expert_teleoperates_and_marks_the_moments(ros):
    marks = []

    def mark(request, response):
        marks.append(request.name)
        return response

    with NodeProcess(CELL) as cell:
        node = ros.node()
        node.create_service(MarkEvent, '/mt3/mark_event', mark)
        request = SimReset.Request(family='press_button', seed=3, instance='taught', distractors=1)
        answer = ros.call(node, SimReset, '/sim/reset', request, 90.0)
        assert answer.status.code == 0, answer.status.message
        expert = ros.add(ExpertNode(ros.context))

        with pytest.raises(InvalidInput, match="set up for 'press_button'"):
            expert.look('open_drawer')

        assert not ros.call(node, SimJudge, '/sim/judge', SimJudge.Request()).success
        expert.teleoperate('press_button', 3)
        verdict = ros.call(node, SimJudge, '/sim/judge', SimJudge.Request())
        assert verdict.success, verdict.reason + cell.output
    assert marks == ['scene', 'bottleneck', 'end']
