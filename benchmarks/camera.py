"""The camera's side of perception: the robot taken out of the picture, a moved camera noticed, the camera calibrated.

Sets:
    robot        the Panda of the simulated cell in random poses before the camera: share of its pixels that are taken
                 out, pixels of objects that go with them, and the processor time beside that of the segmentation
    moved        ray-cast clutter with the noise of a stereo camera, the camera at rest or moved by a random shift and
                 turn: refusals, and the error of the measured turn
    calibration  ChArUco boards drawn with blur and noise in 14 poses: error of the camera's place and turn

Run it with the project's environment: `python benchmarks/camera.py [--quick]`; 2 minutes on a quiet core, 30 s quick.
"""

import argparse
import json
import os
import time
from pathlib import Path

os.environ.setdefault('OMP_NUM_THREADS', '1')

import cv2
import mujoco
import numpy as np

from mt3_common import se3
from mt3_common.errors import MT3Error
from mt3_perception.calibration.board import BoardConfig, CharucoBoard
from mt3_perception.calibration.hand_eye import Sample, solve_hand_eye
from mt3_perception.calibration.testing import arm_poses, draw_board
from mt3_perception.robot.model import RobotShapes
from mt3_perception.robot.removal import RobotInView, RobotRemovalConfig
from mt3_perception.segmentation import segment
from mt3_perception.testing import TableTop, depth_noise, look_at, random_clutter
from mt3_perception.watch import CalibrationWatch, WatchConfig
from mt3_sim import families
from mt3_sim.rendering import RenderThread, intrinsics
from mt3_sim.world import World

RESULTS = Path(__file__).parent / 'results'
SEED = 20251121


def robot(count: int) -> dict[str, float]:
    """Look at the Panda in random poses before the camera."""
    world = World(families.set_up('pick_box', 3, 'taught', 0, 2).spec)
    shapes = RobotShapes(world.description.urdf, world.robot.base_frame)
    rng, thread = np.random.default_rng(SEED), RenderThread()
    covered, lost, removal_ms, segmentation_ms, share = [], [], [], [], []
    while len(covered) < count:
        q = np.array(world.robot.home_rad) + rng.uniform(-1.0, 1.0, len(world.robot.arm_joints))
        for name, value in zip(world.robot.arm_joints, q, strict=True):
            world.data.joint(name).qpos[0] = value
        mujoco.mj_forward(world.model, world.data)
        snapshot = world.snapshot()
        picture = thread.submit(lambda r, s=snapshot: r.picture(s)).result()
        bodies, ids = thread.submit(lambda r, s=snapshot: r.segmentation(s)).result()
        links = np.isin(bodies, [i for name, i in ids.items() if name.startswith('panda')])
        things = ~links & (bodies > 0) & (bodies != ids['table'])
        if np.count_nonzero(links) < 3000:
            continue
        state = world.joint_state()
        positions = dict(zip(state.names, (float(p) for p in state.position), strict=True))
        K, T_base_camera = intrinsics(picture.camera), picture.camera.T_base_camera
        view = RobotInView(shapes, positions, RobotRemovalConfig().padding_m)
        start = time.process_time()
        mask = view.pixels(picture.depth_m, K, T_base_camera)
        middle = time.process_time()
        segment(picture.depth_m, K, T_base_camera, picture.rgb)
        removal_ms.append(1e3 * (middle - start))
        segmentation_ms.append(1e3 * (time.process_time() - middle))
        covered.append(mask[links].mean())
        lost.append(np.count_nonzero(mask & things) / max(np.count_nonzero(things), 1))
        share.append(links.mean())
    thread.close()
    return {
        'robot_views': count,
        'robot_share_of_image_mean': float(np.mean(share)),
        'robot_pixels_taken_out_share_min': float(np.min(covered)),
        'robot_pixels_taken_out_share_mean': float(np.mean(covered)),
        'robot_object_pixels_lost_share_mean': float(np.mean(lost)),
        'robot_removal_ms_median': float(np.median(removal_ms)),
        'robot_segmentation_ms_median': float(np.median(segmentation_ms)),
    }


def moved(count: int) -> dict[str, float]:
    """Look through a camera at rest and one that was moved."""
    T_believed = look_at((1.15, 0.1, 0.75), (0.5, 0.0, 0.02))
    rng, check_ms = np.random.default_rng(SEED), []

    def look(watch: CalibrationWatch, T_true: np.ndarray, seed: int) -> bool:
        view = TableTop(random_clutter(np.random.default_rng(seed), 5)).view(T_true)
        depth = depth_noise(view.depth_m, np.random.default_rng(seed))
        things = cv2.dilate((view.ids > 0).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
        start = time.process_time()
        try:
            watch.check_background(depth, view.K, T_believed, things)
        except MT3Error:
            return True
        finally:
            check_ms.append(1e3 * (time.process_time() - start))
        return False

    watch = CalibrationWatch(WatchConfig())
    look(watch, T_believed, 0)
    false_alarms = sum(look(watch, T_believed, 1 + i) for i in range(count))
    noticed, errors_deg = 0, []
    for i in range(count):
        turn = rng.normal(size=3)
        turn *= np.radians(rng.uniform(1.5, 4.0)) / np.linalg.norm(turn)
        T_true = T_believed @ se3.exp(np.concatenate([rng.uniform(-0.02, 0.02, 3), turn]))
        noticed += look(watch, T_true, 1000 + i)
        errors_deg.append(abs(np.degrees(watch.motion.angle_rad - np.linalg.norm(turn))))
    return {
        'moved_views': count,
        'moved_false_alarms': int(false_alarms),
        'moved_noticed_share': noticed / count,
        'moved_check_ms_median': float(np.median(check_ms)),
        'moved_turn_error_deg_median': float(np.median(errors_deg)),
        'moved_turn_error_deg_max': float(np.max(errors_deg)),
    }


def calibration(count: int) -> dict[str, float]:
    """Calibrate a camera on the base and one on the hand, from noisy pictures."""
    K = np.array([[610.0, 0, 321.3], [0, 608.0, 238.1], [0, 0, 1]])
    board, rng = CharucoBoard(BoardConfig()), np.random.default_rng(SEED)
    result: dict[str, float] = {'calibration_runs': count}
    for mount in ('base', 'hand'):
        distances, angles = [], []
        for _ in range(count):
            X, Y = (se3.exp(np.concatenate([rng.uniform(-1, 1, 3), rng.uniform(-2, 2, 3)])) for _ in range(2))
            samples = []
            for T in arm_poses(board, se3.make(None, np.array([-0.12, -0.09, 0.55])), 14, rng):
                found = board.find(draw_board(board, K, T, rng=rng))
                A = Y @ se3.inverse(X @ T)
                if found is not None:
                    samples.append(Sample(A if mount == 'hand' else se3.inverse(A), found))
            distance, angle = se3.pose_error(X, solve_hand_eye(samples, K, mount).T_mount_camera)
            distances.append(1e3 * distance)
            angles.append(np.degrees(angle))
        for name, values, unit in (('distance', distances, 'mm'), ('angle', angles, 'deg')):
            result[f'calibration_{mount}_{name}_{unit}_median'] = float(np.median(values))
            result[f'calibration_{mount}_{name}_{unit}_max'] = float(np.max(values))
    return result


def main() -> None:
    """Run all sets, print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--quick', action='store_true', help='few of each')
    quick = parser.parse_args().quick
    numbers = {**robot(6 if quick else 40), **moved(8 if quick else 60), **calibration(2 if quick else 10)}
    lines = ['# Camera', '', (__doc__ or '').split('Run it')[0].strip(), '', '| what | value |', '|---|---|']
    lines += [f'| {name} | {value:.4g} |' for name, value in numbers.items()]
    text = '\n'.join(lines) + '\n'
    print(text)
    if not quick:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / 'camera.md').write_text(text, encoding='utf-8')
        (RESULTS / 'camera.json').write_text(json.dumps({'seed': SEED, **numbers}, indent=2) + '\n', encoding='utf-8')


if __name__ == '__main__':
    main()
