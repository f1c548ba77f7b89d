"""`mt3 calibrate` on a bag of synthetic pictures: the truth is found, written, checked; refusals are one line."""

import json
from pathlib import Path

import numpy as np
import pytest
import yaml
from typer.testing import CliRunner

from mt3_cli.main import app
from mt3_common import se3
from mt3_common.bags import BagRecorder, make_qos
from mt3_common.errors import MT3Error
from mt3_perception.calibration.board import BoardConfig, CharucoBoard
from mt3_perception.calibration.testing import arm_poses, draw_board

CAMERA = Path(__file__).resolve().parents[3] / 'config' / 'cameras' / 'realsense.yaml'
OPTICAL = 'camera_color_optical_frame'
K = np.array([[610.0, 0, 321.3], [0, 608.0, 238.1], [0, 0, 1]])
T_BASE_LINK = se3.exp(np.array([1.1, 0.1, 0.7, 0.3, 2.5, -0.7]))
T_LINK_OPTICAL = se3.exp(np.array([0.0, 0.015, 0.0, -1.2, 1.2, -1.2]))
T_HAND_BOARD = se3.exp(np.array([-0.09, -0.06, 0.12, 0.05, 0.1, 0.4]))


def write_bag(path, poses=9, tilt_rad=0.45, T_base_link=None):
    """The arm holds the board before a fixed camera: it moves to a pose, stands for a second, moves on."""
    board, rng = CharucoBoard(BoardConfig()), np.random.default_rng(7)
    in_view = se3.make(None, np.array([-0.12, -0.09, 0.55]))
    views = arm_poses(board, in_view, poses, rng, tilt_rad)
    T_base_optical = T_BASE_LINK @ T_LINK_OPTICAL
    with BagRecorder(path) as bag:
        latched = make_qos(transient_local=True)
        bag.add_topic('/tf_static', 'tf2_msgs/msg/TFMessage', latched)
        kind = _kinds(bag)
        believed = T_BASE_LINK @ se3.exp(np.array([0.03, 0, 0, 0, 0, 0])) if T_base_link is None else T_base_link
        links = [('panda_link0', 'camera_link', believed), ('camera_link', OPTICAL, T_LINK_OPTICAL)]
        bag.write_message('/tf_static', 0, kind.tf(links, 0.0))
        for number, T_camera_board in enumerate(views):
            T = T_base_optical @ T_camera_board @ se3.inverse(T_HAND_BOARD)
            start = 10.0 + 2.0 * number
            for step in range(11):
                at = start + 0.1 * step
                bag.write_message('/tf', int(1e9 * at), kind.tf([('panda_link0', 'panda_hand_tcp', T)], at))
            at = start + 0.5
            bag.write_message('/camera/camera/aligned_depth_to_color/camera_info', int(1e9 * at), kind.info(at))
            picture = draw_board(board, K, T_camera_board, rng=rng)
            bag.write_message('/camera/camera/color/image_raw', int(1e9 * at), kind.image(picture, at))
            bag.write_message('/camera/camera/color/image_raw', int(1e9 * at) + 1, kind.image(picture, at + 0.1))
    return path


class _kinds:
    """Messages of rosbags' own classes."""

    def __init__(self, bag):
        for name in ('/a', '/b'):
            bag.add_topic(name, 'sensor_msgs/msg/Image' if name == '/a' else 'sensor_msgs/msg/CameraInfo')
        self.t = bag.types

    def head(self, frame, at):
        stamp = self.t['builtin_interfaces/msg/Time'](sec=int(at), nanosec=int(1e9 * (at % 1)))
        return self.t['std_msgs/msg/Header'](stamp=stamp, frame_id=frame)

    def tf(self, links, at):
        t = self.t
        found = []
        for parent, child, T in links:
            q = se3.quaternion(T)
            transform = t['geometry_msgs/msg/Transform'](
                translation=t['geometry_msgs/msg/Vector3'](*(float(v) for v in T[:3, 3])),
                rotation=t['geometry_msgs/msg/Quaternion'](*(float(v) for v in q)),
            )
            stamped = t['geometry_msgs/msg/TransformStamped'](
                header=self.head(parent, at), child_frame_id=child, transform=transform
            )
            found.append(stamped)
        return t['tf2_msgs/msg/TFMessage'](transforms=found)

    def image(self, rgb, at):
        return self.t['sensor_msgs/msg/Image'](
            header=self.head(OPTICAL, at),
            height=rgb.shape[0],
            width=rgb.shape[1],
            encoding='rgb8',
            is_bigendian=0,
            step=3 * rgb.shape[1],
            data=rgb.ravel(),
        )

    def info(self, at):
        return self.t['sensor_msgs/msg/CameraInfo'](
            header=self.head(OPTICAL, at),
            height=480,
            width=640,
            distortion_model='plumb_bob',
            d=np.zeros(5),
            k=K.ravel(),
            r=np.eye(3).ravel(),
            p=np.hstack([K, np.zeros((3, 1))]).ravel(),
            binning_x=0,
            binning_y=0,
            roi=self.t['sensor_msgs/msg/RegionOfInterest'](x_offset=0, y_offset=0, height=0, width=0, do_rectify=False),
        )


@pytest.fixture(scope='module')
def bag(tmp_path_factory):
    return write_bag(tmp_path_factory.mktemp('calibration') / 'bag')


def run(*words):
    return CliRunner().invoke(app, ['calibrate', *(str(w) for w in words)], catch_exceptions=True)


def test_the_pose_is_found_written_and_given_to_the_root_of_the_cameras_frames(bag, tmp_path):
    out = tmp_path / 'lab.yaml'
    done = run(bag, '--camera', CAMERA, '--out', out)
    assert done.exit_code == 0, done.output
    assert 'panda_link0 -> camera_link' in done.output
    assert 'a pose that was there already' in done.output
    pose = yaml.safe_load(out.read_text())['perception']['ros__parameters']['pose']
    assert (pose['parent_frame'], pose['child_frame']) == ('panda_link0', 'camera_link')
    T = se3.from_position_quaternion(np.array(pose['position']), np.array(pose['quaternion']))
    distance, angle = se3.pose_error(T_BASE_LINK @ T_LINK_OPTICAL, T @ T_LINK_OPTICAL)
    assert distance < 0.0005
    assert np.degrees(angle) < 0.1


def test_json_and_a_dry_run(bag, tmp_path):
    out = tmp_path / 'lab.yaml'
    done = CliRunner().invoke(
        app, ['calibrate', str(bag), '--camera', str(CAMERA), '--out', str(out), '--dry-run', '--json']
    )
    assert done.exit_code == 0
    found = json.loads(done.stdout.strip().splitlines()[-1])
    assert len(found['poses']) == 9
    assert max(p['distance_mm'] for p in found['poses']) < 2.0
    assert not out.exists()


def test_the_check_tells_the_error_of_today(bag, tmp_path):
    """The bag's own TF is 30 mm off; with the right pose the board stands still."""
    wrong = run(bag, '--camera', CAMERA, '--check', '--json')
    right = run(write_bag(tmp_path / 'right', T_base_link=T_BASE_LINK), '--camera', CAMERA, '--check', '--json')
    worst = [max(json.loads(r.stdout.strip().splitlines()[-1])['distances_mm']) for r in (wrong, right)]
    assert worst[0] > 5.0
    assert worst[1] < 1.5


def test_too_little_motion_is_refused(tmp_path):
    done = run(write_bag(tmp_path / 'bag', poses=7, tilt_rad=0.05), '--camera', CAMERA, '--out', tmp_path / 'x.yaml')
    assert done.exit_code == 1
    assert isinstance(done.exception, MT3Error)
    assert 'tilt the hand more' in str(done.exception)
    assert not (tmp_path / 'x.yaml').exists()


def test_a_bag_without_the_topics_is_refused(bag, tmp_path):
    other = tmp_path / 'camera.yaml'
    other.write_text(CAMERA.read_text().replace('/camera/camera/color/image_raw', '/elsewhere/image'))
    done = run(bag, '--camera', other)
    assert isinstance(done.exception, MT3Error)
    assert 'has no /elsewhere/image' in str(done.exception)


def test_the_board_is_printed(tmp_path):
    done = run('--board', tmp_path / 'board.png', '--camera', CAMERA)
    assert done.exit_code == 0
    assert (tmp_path / 'board.png').stat().st_size > 2000


def test_an_unknown_camera_is_refused_with_those_there_are(tmp_path):
    done = run(tmp_path, '--camera', tmp_path / 'none.yaml')
    assert 'there is no camera file' in str(done.exception)
