"""Teaching in the simulated cell: keys and Joy messages move the tool, letting go stops it, a person teaches a task."""

import sys
import time

import numpy as np
import pytest

pytest.importorskip('rclpy')
pytest.importorskip('mt3_interfaces.msg')

from sensor_msgs.msg import JointState, Joy

from mt3_cli.teaching.testing import Person
from mt3_common.errors import StatusCode
from mt3_common.robot import RobotConfig
from mt3_common.testing import NodeProcess, wait_until
from mt3_common.tf import TransformBuffer
from mt3_interfaces.srv import SimJudge

ROBOT = RobotConfig()


def node(module, *parameters):
    words = [word for p in parameters for word in ('-p', p)]
    return NodeProcess([sys.executable, '-m', module, '--ros-args', *words])


def teach(*words, task='pick up the mug'):
    return [sys.executable, '-m', 'mt3_cli.main', 'teach', '--task', task, *words]


class Arm:
    """What a bystander sees of the arm."""

    def __init__(self, ros):
        watcher = ros.node('watcher')
        self._tf = TransformBuffer(watcher)
        self._states = ros.collect(watcher, JointState, '/joint_states')
        wait_until(lambda: self._states, 60.0, 'joint states')

    def speed(self):
        return float(np.abs(self._states[-1].velocity[:7]).max())

    def place(self):
        time.sleep(0.2)
        return self._tf.lookup(ROBOT.base_frame, ROBOT.tcp_frame, timeout_s=5.0)[:3, 3]


def test_keys_drive_stop_and_leave_the_arm_at_rest(ros, tmp_path):
    """The recorder and the cell are the only nodes: the command starts what drives by itself."""
    recorder = ('mt3_teach.recorder_node', f'directory:={tmp_path}', 'simulated:=true', 'use_sim_time:=true')
    with node('mt3_sim.node', 'family:=pick_bottle'), node(*recorder):
        arm = Arm(ros)
        start = arm.place()
        with Person(teach('--teleop', 'keyboard', '--bag-only')) as person:
            person.wait('everything that is recorded is there', 90.0)
            person.wait('Clear the view')
            for _ in range(20):  # on a busy machine simulated time is slow
                person.hold('w', 1.0)
                wait_until(lambda: arm.speed() < 0.02, 10.0, 'rest after the key was let go')
                way = arm.place() - start
                if way[0] > 0.03:
                    break
            assert way[0] > 0.03 and np.abs(way[1:]).max() < 0.01
            person.hold('f', 1.0)
            person.tap('enter')
            person.wait('go to the bottleneck', 60.0)
            person.hold('a', 0.8)
            person.tap('enter')
            person.wait('3. Do the task', 30.0)
            person.tap('space')
            wait_until(lambda: ROBOT.gripper.to_opening(arm._states[-1].position[7]) < 0.1, 10.0, 'a closed gripper')
            person.hold('d', 0.5)
            person.tap('ctrl_c')
            assert person.ended() == 1 and 'the recording is thrown away' in person.screen
        wait_until(lambda: arm.speed() < 0.02, 5.0, 'rest after leaving')
        assert list(tmp_path.iterdir()) == []


def test_a_gamepad_drives_while_its_dead_man_is_held(ros):
    with (
        node('mt3_sim.node', 'family:=pick_bottle'),
        node('mt3_teach.teleop.node', 'use_sim_time:=true'),
        node('mt3_teach.teleop.device_node', 'source:=/joy', 'use_sim_time:=true'),
    ):
        arm = Arm(ros)
        me = ros.node('me')
        joy = me.create_publisher(Joy, '/joy', 5)
        wait_until(lambda: me.count_subscribers('/mt3/teleop/twist') and joy.get_subscription_count(), 60.0)
        time.sleep(1.0)  # the description arrives
        start = arm.place()

        def press(seconds, dead_man):
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                buttons = [0] * 8
                buttons[4] = dead_man
                joy.publish(Joy(axes=[0.0, 0.0, 0.0, 0.0, 1.0, 0.0], buttons=buttons))
                time.sleep(0.05)

        press(0.5, 0)
        assert np.linalg.norm(arm.place() - start) < 0.002  # no dead-man, no motion
        for _ in range(20):
            press(1.0, 1)
            wait_until(lambda: arm.speed() < 0.02, 10.0, 'rest when the messages cease')
            way = arm.place() - start
            if way[2] > 0.05:
                break
        assert way[2] > 0.05 and np.abs(way[:2]).max() < 0.01


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_person_teaches_with_the_keyboard(ros, tmp_path):
    """From the screen alone: where the mug is, where the tool is."""

    def approach(person):
        for axis, offset, near in ((2, 12.0, 1.5), (0, 0.0, 0.35), (1, 4.0, 0.35), (2, 8.0, 0.8), (0, 0.0, 0.3)):
            person.drive(axis, (offset,) * 3, near)  # over the rim, on its left

    def act(person):
        person.drive(2, (0.0, 0.0, -1.0), 0.4)
        person.tap('space')
        person.look(6.0)  # on a busy machine simulated time is slow, and the fingers need a second of it
        person.drive(2, (0.0, 0.0, 12.0), 1.5)

    taught_in_the_cell(ros, tmp_path, ('family:=pick_mug', 'seed:=3'), 'pick up the mug', approach, act)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_person_teaches_a_push_with_the_keyboard(ros, tmp_path):
    """A sled that points away from the robot, in this seed: behind it, down, forward by 12 cm, and back off it."""

    def approach(person):
        for axis, offset, near in ((2, 10.0, 1.5), (0, -9.8, 0.5), (1, 0.0, 0.35), (2, 5.0, 0.8)):
            person.drive(axis, (offset,) * 3, near)

    def act(person):
        person.drive(2, (0.0, 0.0, -2.2), 0.4)
        person.drive(0, (6.3, 0.0, 0.0), 0.5)
        person.drive(0, (1.3, 0.0, 0.0), 1.0)

    taught_in_the_cell(ros, tmp_path, ('family:=push_to_spot', 'seed:=187'), 'push the sled to the spot', approach, act)


def taught_in_the_cell(ros, tmp_path, scene, task, approach, act):
    """Teach a task as a person does, have the physics judge it, and find it in the library."""
    recorder = (
        'mt3_teach.recorder_node',
        f'directory:={tmp_path}',
        f'library:={tmp_path / "library"}',
        'simulated:=true',
        'use_sim_time:=true',
    )
    cell, perception = ('mt3_sim.node', *scene), ('mt3_perception.node', 'use_sim_time:=true')
    with node(*cell), node(*perception), node(*recorder):
        with Person(teach('--teleop', 'keyboard', task=task)) as person:
            person.wait('everything that is recorded is there', 120.0)
            person.wait('Clear the view')
            person.tap('enter')
            person.wait('2. Drive to the bottleneck', 120.0)
            person.hold('v', 2.5)
            approach(person)
            person.look(0.5)
            person.tap('enter')
            person.wait('3. Do the task', 30.0)
            act(person)
            person.look(0.5)
            person.tap('enter')
            person.wait('4. Did it reach its goal', 30.0)
            person.tap('y')
            person.wait('stored', 180.0)
            person.wait('Enter or q ends')
            person.tap('enter')
            assert person.ended() == 0
        judged = ros.call(ros.node('me'), SimJudge, '/sim/judge', SimJudge.Request())
        assert judged.status.code == StatusCode.OK and judged.success, judged.reason
        from mt3_retrieval.library import DemoLibrary

        (record,) = DemoLibrary.open(tmp_path / 'library').list()
        assert record.task == task and record.simulated
