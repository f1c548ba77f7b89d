"""The path of the tool during a recording: from TF, or from joint states and the URDF where TF lacks it."""

from dataclasses import dataclass

import numpy as np

from mt3_common import se3
from mt3_common.errors import MT3Error, StatusCode
from mt3_common.robot import RobotConfig
from mt3_teach.bag_demo import BagDemo

__all__ = ['ToolPath', 'tool_path']

_SMOOTH_S = 0.1  # window over which speeds are taken [s]


@dataclass(frozen=True, eq=False)
class ToolPath:
    """Where the tool was.

    Attributes:
        time_s: (K,) strictly increasing [s].
        T_base_tcp: (K, 4, 4) [m].
        source: 'tf' or 'joint states'.
    """

    time_s: np.ndarray
    T_base_tcp: np.ndarray
    source: str

    def at(self, times: np.ndarray) -> np.ndarray:
        """Return T_base_tcp (M, 4, 4) at times (M,) [s], interpolated, held beyond the ends."""
        return se3.interpolate(self.time_s, self.T_base_tcp, np.atleast_1d(times))

    @property
    def speed(self) -> np.ndarray:
        """(K,) of the tcp, over windows of a tenth of a second [m/s]."""
        p = self.T_base_tcp[:, :3, 3]
        before, after = self.time_s - 0.5 * _SMOOTH_S, self.time_s + 0.5 * _SMOOTH_S
        ends = [np.stack([np.interp(t, self.time_s, p[:, i]) for i in range(3)], 1) for t in (before, after)]
        span = np.minimum(after, self.time_s[-1]) - np.maximum(before, self.time_s[0])
        return np.linalg.norm(ends[1] - ends[0], axis=1) / np.maximum(span, 1e-6)


def tool_path(demo: BagDemo, robot: RobotConfig) -> ToolPath:
    """Return the tool's path in the base frame.

    TF is used when it links the base to the tcp, at the times of its most frequent link. Otherwise the joint states
    go through the URDF of /robot_description.

    Raises:
        MT3Error: NO_DATA; neither is there, says what each lacks.
    """
    try:
        return _from_tf(demo, robot)
    except MT3Error as why_not_tf:
        try:
            return _from_joints(demo, robot)
        except MT3Error as error:
            raise MT3Error(f'no tool path: {why_not_tf}; and {error}', StatusCode.NO_DATA) from error


def _from_tf(demo: BagDemo, robot: RobotConfig) -> ToolPath:
    times = demo.transforms.moving_times(robot.base_frame, robot.tcp_frame)
    if len(times) < 2:
        raise MT3Error(f'TF between {robot.base_frame} and {robot.tcp_frame} does not move', StatusCode.NO_DATA)
    first, last = demo.transforms.span(robot.base_frame, robot.tcp_frame)
    times = times[(times >= first) & (times <= last)]
    return ToolPath(times, demo.transforms.path(robot.base_frame, robot.tcp_frame, times), 'tf')


def _from_joints(demo: BagDemo, robot: RobotConfig) -> ToolPath:
    lacking = [name for name in robot.arm_joints if name not in demo.joints]
    if lacking:
        raise MT3Error(f'joint states lack {", ".join(lacking)}', StatusCode.NO_DATA)
    if not demo.urdf:
        raise MT3Error('the URDF (/robot_description) was not recorded', StatusCode.NO_DATA)
    import pinocchio  # slow to import, and needed for bags without TF only

    try:
        model = pinocchio.buildModelFromXML(demo.urdf)
    except ValueError as error:
        raise MT3Error(f'the recorded URDF cannot be read: {error}', StatusCode.NO_DATA) from error
    for name in (robot.base_frame, robot.tcp_frame):
        if not model.existFrame(name):
            raise MT3Error(f'the recorded URDF has no link {name}', StatusCode.NO_DATA)
    q = np.stack([demo.joints[name] for name in robot.arm_joints], axis=1)
    whole = np.isfinite(q).all(axis=1)
    if np.count_nonzero(whole) < 2:
        raise MT3Error('fewer than two joint states hold all joints of the arm', StatusCode.NO_DATA)
    data, configuration = model.createData(), pinocchio.neutral(model)
    index = [model.joints[model.getJointId(name)].idx_q for name in robot.arm_joints]
    base, tcp = model.getFrameId(robot.base_frame), model.getFrameId(robot.tcp_frame)
    poses = []
    for row in q[whole]:
        configuration[index] = row
        pinocchio.framesForwardKinematics(model, data, configuration)
        poses.append((data.oMf[base].inverse() * data.oMf[tcp]).homogeneous)
    return ToolPath(demo.joint_times[whole], np.array(poses), 'joint states')
