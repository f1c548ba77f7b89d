"""Arms whose URDF, SRDF and meshes come with the package example-robot-data: for the simulated cell, tests, benchmarks.

The UR5 there carries a rigid dummy. It is replaced by a plain parallel gripper with two sliding fingers, made of boxes:
what a hand of any make is to a planner and to the physics.
"""

from dataclasses import dataclass
from xml.etree import ElementTree

from mt3_common.errors import InvalidInput
from mt3_common.meshes import example_robot_data_folder
from mt3_common.robot import GripperConfig, RobotConfig

__all__ = ['EXAMPLE_ROBOTS', 'ExampleRobot', 'example_robot']


@dataclass(frozen=True)
class ExampleRobot:
    """One arm.

    Attributes:
        urdf, srdf: Files in the folder of robots.
        config: What config/robots/<name>.yaml says.
        mount: Link that takes the generated gripper; empty: the arm has one.
    """

    urdf: str
    srdf: str
    config: RobotConfig
    mount: str = ''

    def texts(self) -> tuple[str, str]:
        """Return the texts of URDF and SRDF; meshes are `package://` addresses.

        Raises:
            InvalidInput: example-robot-data is not installed.
        """
        folder = example_robot_data_folder() / 'robots'
        urdf = (folder / self.urdf).read_text(encoding='utf-8')
        srdf = (folder / self.srdf).read_text(encoding='utf-8')
        return _with_gripper(urdf, srdf, self.mount, self.config) if self.mount else (urdf, srdf)


_UR_JOINTS = (
    'shoulder_pan_joint',
    'shoulder_lift_joint',
    'elbow_joint',
    'wrist_1_joint',
    'wrist_2_joint',
    'wrist_3_joint',
)

#: By name.
EXAMPLE_ROBOTS: dict[str, ExampleRobot] = {
    'panda': ExampleRobot('panda_description/urdf/panda.urdf', 'panda_description/srdf/panda.srdf', RobotConfig()),
    'ur5': ExampleRobot(
        'ur_description/urdf/ur5_gripper.urdf',
        'ur_description/srdf/ur5_gripper.srdf',
        RobotConfig(
            name='ur5',
            base_frame='base_link',
            tcp_frame='gripper_tcp',
            planning_group='ur_manipulator',
            arm_joints=_UR_JOINTS,
            arm_action='/scaled_joint_trajectory_controller/follow_joint_trajectory',
            home_rad=(0.0, -2.4, 2.0, -1.171, -1.571, 0.0),
            gripper=GripperConfig(
                joint='gripper_left_finger_joint',
                action='/gripper_controller/gripper_cmd',
                links=('gripper_base', 'gripper_left_finger', 'gripper_right_finger'),
            ),
        ),
        mount='tool0',
    ),
}


def example_robot(name: str) -> ExampleRobot:
    """Return an arm by its name.

    Raises:
        InvalidInput: No such arm.
    """
    if name not in EXAMPLE_ROBOTS:
        raise InvalidInput(f'unknown example robot {name!r}; there are {", ".join(sorted(EXAMPLE_ROBOTS))}')
    return EXAMPLE_ROBOTS[name]


_BASE_SIZE = (0.06, 0.12, 0.08)  # of the gripper's body; its fingers open along y, z points out of the hand [m]
_FINGER_SIZE = (0.022, 0.012, 0.055)  # [m]
_TIP_M = 0.0095  # how far the fingers reach beyond the tool centre point [m]
_BASE_KG, _FINGER_KG = 0.6, 0.03


def _with_gripper(urdf: str, srdf: str, mount: str, config: RobotConfig) -> tuple[str, str]:
    """Put the gripper on a link in the place of that link's own shapes."""
    robot = ElementTree.fromstring(urdf)
    links = {link.get('name'): link for link in robot.findall('link')}
    for shape in [*links[mount].findall('visual'), *links[mount].findall('collision')]:
        links[mount].remove(shape)
    base, left, right = config.gripper.links
    span = 0.5 * config.gripper.max_width_m
    _link(robot, base, _BASE_SIZE, (0.0, 0.0, 0.5 * _BASE_SIZE[2]), _BASE_KG, '0.25 0.27 0.30 1')
    _joint(robot, f'{base}_joint', 'fixed', mount, base, 0.0)
    for name, side in ((left, 1.0), (right, -1.0)):
        middle = (0.0, side * 0.5 * _FINGER_SIZE[1], 0.5 * _FINGER_SIZE[2])
        _link(robot, name, _FINGER_SIZE, middle, _FINGER_KG, '0.70 0.72 0.75 1')
        joint = _joint(robot, f'{name}_joint', 'prismatic', base, name, _BASE_SIZE[2])
        ElementTree.SubElement(joint, 'axis', {'xyz': f'0 {side:g} 0'})
        limit = {'lower': '0', 'upper': f'{span:g}', 'effort': '100', 'velocity': '0.2'}
        ElementTree.SubElement(joint, 'limit', limit)
        if name == right:
            ElementTree.SubElement(joint, 'mimic', {'joint': config.gripper.joint})
    ElementTree.SubElement(robot, 'link', {'name': config.tcp_frame})
    _joint(
        robot, f'{config.tcp_frame}_joint', 'fixed', base, config.tcp_frame, _BASE_SIZE[2] + _FINGER_SIZE[2] - _TIP_M
    )
    return ElementTree.tostring(robot, encoding='unicode'), _semantic(srdf, mount, config)


def _link(robot: ElementTree.Element, name: str, size: tuple, middle: tuple, mass_kg: float, rgba: str) -> None:
    """Add a box of even density."""
    link = ElementTree.SubElement(robot, 'link', {'name': name})
    at = {'xyz': ' '.join(f'{v:g}' for v in middle), 'rpy': '0 0 0'}
    for kind in ('visual', 'collision'):
        shape = ElementTree.SubElement(link, kind)
        ElementTree.SubElement(shape, 'origin', at)
        geometry = ElementTree.SubElement(shape, 'geometry')
        ElementTree.SubElement(geometry, 'box', {'size': ' '.join(f'{v:g}' for v in size)})
        if kind == 'visual':
            material = ElementTree.SubElement(shape, 'material', {'name': f'{name}_color'})
            ElementTree.SubElement(material, 'color', {'rgba': rgba})
    inertial = ElementTree.SubElement(link, 'inertial')
    ElementTree.SubElement(inertial, 'origin', at)
    ElementTree.SubElement(inertial, 'mass', {'value': f'{mass_kg:g}'})
    x, y, z = (v * v for v in size)
    diagonal = {'ixx': y + z, 'iyy': x + z, 'izz': x + y}
    inertia = {key: f'{mass_kg * value / 12.0:.6g}' for key, value in diagonal.items()}
    ElementTree.SubElement(inertial, 'inertia', {**inertia, 'ixy': '0', 'ixz': '0', 'iyz': '0'})


def _joint(
    robot: ElementTree.Element, name: str, kind: str, parent: str, child: str, z_m: float
) -> ElementTree.Element:
    joint = ElementTree.SubElement(robot, 'joint', {'name': name, 'type': kind})
    ElementTree.SubElement(joint, 'parent', {'link': parent})
    ElementTree.SubElement(joint, 'child', {'link': child})
    ElementTree.SubElement(joint, 'origin', {'xyz': f'0 0 {z_m:g}', 'rpy': '0 0 0'})
    return joint


def _semantic(srdf: str, mount: str, config: RobotConfig) -> str:
    """Add the planning group, and let the gripper touch itself and what it always is next to."""
    robot = ElementTree.fromstring(srdf)
    for old in robot.findall('gripper'):
        robot.remove(old)
    group = ElementTree.SubElement(robot, 'group', {'name': config.planning_group})
    ElementTree.SubElement(group, 'chain', {'base_link': config.base_frame, 'tip_link': config.tcp_frame})
    hand = config.gripper.links
    beside = [p.get('link1') for p in robot.iter('disable_collisions') if p.get('link2') == mount]
    pairs = [(a, b) for k, a in enumerate(hand) for b in hand[k + 1 :]]
    pairs += [(a, b) for a in hand for b in (mount, *beside)]
    for first, second in pairs:
        ElementTree.SubElement(robot, 'disable_collisions', {'link1': first, 'link2': second, 'reason': 'Adjacent'})
    return ElementTree.tostring(robot, encoding='unicode')
