"""Calibration from pictures with a known truth: half a millimetre, a tenth of a degree; refusals; the check."""

import numpy as np
import pytest

from mt3_common import se3
from mt3_common.errors import InvalidInput, MT3Error, StatusCode
from mt3_perception.calibration.board import BoardConfig, CharucoBoard
from mt3_perception.calibration.check import check_board, check_touch
from mt3_perception.calibration.hand_eye import HandEyeConfig, Sample, motion, solve_hand_eye
from mt3_perception.calibration.testing import arm_poses, draw_board

K = np.array([[610.0, 0, 321.3], [0, 608.0, 238.1], [0, 0, 1]])
T_HAND_CAMERA = se3.exp(np.array([0.05, -0.03, 0.06, 0.1, -0.2, 1.5]))
T_BASE_CAMERA = se3.exp(np.array([1.1, 0.1, 0.7, 1.6, 1.5, -0.7]))
T_HAND_BOARD = se3.exp(np.array([-0.09, -0.06, 0.12, 0.05, 0.1, 0.4]))
T_BASE_BOARD = se3.exp(np.array([0.4, -0.1, 0.01, np.pi - 0.05, 0.0, 0.1]))
IN_VIEW = se3.make(None, np.array([-0.12, -0.09, 0.55]))


@pytest.fixture(scope='module')
def board():
    return CharucoBoard(BoardConfig())


def hand_pose(mount, T_camera_board):
    """T_base_hand at which the camera sees the board so."""
    if mount == 'hand':
        return T_BASE_BOARD @ se3.inverse(T_camera_board) @ se3.inverse(T_HAND_CAMERA)
    return T_BASE_CAMERA @ T_camera_board @ se3.inverse(T_HAND_BOARD)


def truth(mount):
    return (T_HAND_CAMERA, T_BASE_BOARD) if mount == 'hand' else (T_BASE_CAMERA, T_HAND_BOARD)


@pytest.fixture(scope='module')
def samples(board):
    """{mount: samples of 14 noisy, blurred pictures}."""
    rng, found = np.random.default_rng(4), {'hand': [], 'base': []}
    for T in arm_poses(board, IN_VIEW, 14, rng):
        view = board.find(draw_board(board, K, T, rng=rng))
        assert view is not None
        for mount, those in found.items():
            those.append(Sample(hand_pose(mount, T), view))
    return found


def test_corners_are_found_to_a_tenth_of_a_pixel(board):
    rng = np.random.default_rng(1)
    for T in arm_poses(board, IN_VIEW, 4, rng):
        view = board.find(draw_board(board, K, T, rng=rng))
        true = se3.transform_points(T, view.points) @ K.T
        off = view.pixels - true[:, :2] / true[:, 2:]
        assert np.abs(off.mean(axis=0)).max() < 0.04  # no half pixels lost on the way
        assert np.sqrt((off**2).mean()) < 0.12


@pytest.mark.parametrize('mount', ['hand', 'base'])
def test_the_truth_is_found(samples, mount):
    found = solve_hand_eye(samples[mount], K, mount)
    distance, angle = se3.pose_error(truth(mount)[0], found.T_mount_camera)
    assert distance < 0.0005
    assert np.degrees(angle) < 0.1
    distance, angle = se3.pose_error(truth(mount)[1], found.T_fixed_board, found_middle())
    assert distance < 0.001
    assert found.rms_px < 0.2
    assert max(r.distance_m for r in found.residuals) < 0.002
    assert max(r.angle_rad for r in found.residuals) < np.radians(0.5)
    assert 0.0 < found.sigma_m < 0.001


def found_middle():
    return CharucoBoard(BoardConfig()).middle


def test_the_refinement_is_better_than_the_linear_solution(samples):
    from mt3_perception.calibration.hand_eye import _linear

    A = np.array([s.T_base_hand for s in samples['hand']])
    B = np.array([s.view.pose(K) for s in samples['hand']])
    linear, _ = se3.pose_error(T_HAND_CAMERA, _linear(A, B))
    refined, _ = se3.pose_error(T_HAND_CAMERA, solve_hand_eye(samples['hand'], K, 'hand').T_mount_camera)
    assert refined < linear < 0.01


@pytest.mark.parametrize('axis', [None, 2])
def test_too_little_motion_is_refused_with_the_spread_and_the_limit(samples, axis):
    view = samples['hand'][0].view
    rng = np.random.default_rng(0)
    turns = np.zeros((8, 3))
    if axis is not None:
        turns[:, axis] = rng.uniform(-0.6, 0.6, 8)
    poses = [se3.exp(np.r_[rng.uniform(-0.2, 0.2, 3), turn]) for turn in turns]
    with pytest.raises(MT3Error, match=r'by \d+\.\d about a second one; 15 about each of two axes are needed') as no:
        solve_hand_eye([Sample(T, view) for T in poses], K, 'hand')
    assert no.value.code == StatusCode.CALIBRATION


def test_the_spread_is_of_the_axes():
    poses = [se3.exp(np.r_[0, 0, 0, turn]) for turn in np.radians([[0, 0, 0], [40, 0, 0], [0, 20, 0]])]
    spread = np.degrees(motion([Sample(T, None) for T in poses]))
    assert 40 <= spread[0] < 45
    assert 12 < spread[1] <= 20
    assert spread[2] < 1.0


def test_too_few_poses_are_refused(samples):
    with pytest.raises(MT3Error, match='seen in 3 poses, 6 are needed'):
        solve_hand_eye(samples['hand'][:3], K, 'hand')


def test_the_wrong_mount_is_refused(samples):
    """Pictures of a camera on the base do not fit a camera on the hand."""
    with pytest.raises(MT3Error, match=r'the limit is 1\.5') as no:
        solve_hand_eye(samples['base'], K, 'hand')
    assert no.value.code == StatusCode.CALIBRATION


def test_one_slipped_board_is_named(samples):
    slipped = list(samples['hand'])
    slipped[5] = Sample(slipped[5].T_base_hand @ se3.make(None, np.array([0.01, 0, 0])), slipped[5].view)
    found = solve_hand_eye(slipped, K, 'hand', HandEyeConfig(max_rms_px=50.0))
    assert int(np.argmax([r.rms_px for r in found.residuals])) == 5
    assert se3.pose_error(T_HAND_CAMERA, found.T_mount_camera)[0] < 0.002  # one bad pose does not pull the rest away


@pytest.mark.parametrize('mount', ['hand', 'base'])
def test_the_check_sees_a_camera_that_moved(samples, mount):
    right = check_board(samples[mount], K, mount, truth(mount)[0])
    assert np.median(right.distances_m) < 0.001
    moved = truth(mount)[0] @ se3.exp(np.array([0.0, 0.01, 0.0, 0.02, 0.0, 0.0]))
    wrong = check_board(samples[mount], K, mount, moved)
    assert np.median(wrong.distances_m) > 3.0 * np.median(right.distances_m)
    with pytest.raises(MT3Error, match='two different ones'):
        check_board(samples[mount][:1], K, mount, moved)


def test_a_touched_corner_measures_the_error():
    corners = np.array([[0.0, 0.0, 0.0], [0.1, 0.0, 0.0]])
    touched = se3.transform_points(T_BASE_BOARD, corners) + np.array([0.0, 0.003, 0.004])
    assert check_touch(T_BASE_BOARD, corners, touched).distances_m == pytest.approx([0.005, 0.005])


def test_the_board_prints_in_its_size(board, tmp_path):
    from PIL import Image

    board.print_to(tmp_path / 'board.png')
    with Image.open(tmp_path / 'board.png') as picture:
        metres = np.array(picture.size) / np.array(picture.info['dpi']) * 0.0254
        pixels = np.asarray(picture.convert('RGB'))
    assert metres == pytest.approx([7 * 0.036 + 0.02, 5 * 0.036 + 0.02], abs=3e-4)
    assert len(board.find(pixels).ids) == 24
    board.print_to(tmp_path / 'board.pdf')
    assert (tmp_path / 'board.pdf').read_bytes().startswith(b'%PDF')
    with pytest.raises(InvalidInput, match='jpg'):
        board.print_to(tmp_path / 'board.jpg')


def test_impossible_boards_are_refused():
    with pytest.raises(InvalidInput, match='smaller than square_m'):
        CharucoBoard(BoardConfig(square_m=0.03, marker_m=0.03))
    with pytest.raises(InvalidInput, match='needs 200 markers'):
        CharucoBoard(BoardConfig(columns=20, rows=20))


def test_a_picture_without_the_board(board):
    assert board.find(np.full((480, 640, 3), 120, np.uint8)) is None
