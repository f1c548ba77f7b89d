"""A robot as MuJoCo sees it, made from its URDF and SRDF: nothing about the arm is written twice.

Collision shapes are the URDF's (meshes as convex hulls), the SRDF's disabled pairs become excludes, so that MuJoCo
and a planner that reads the same files agree about every configuration. Geoms that are only seen are in group 2,
those that only collide in group 3.
"""

from pathlib import Path
from xml.etree import ElementTree

import mujoco
import numpy as np

from mt3_common.errors import InvalidInput
from mt3_common.robot import RobotConfig
from mt3_sim.robot_description import RobotDescription
from mt3_sim.robot_meshes import load_visual

__all__ = ['ARM_LAG', 'GRIPPER_ACTUATOR', 'build_robot']

GRIPPER_ACTUATOR = 'gripper'
ARM_LAG = 0.1
"""Damping over stiffness of every arm actuator [s]: what the set-point must lead by to leave no tracking error."""

_VISUAL_GROUP, _COLLISION_GROUP = 2, 3
_ARMATURE = 0.1  # reflected inertia of an arm's motors [kg m^2]
_STRONG = 50.0  # joints with an effort limit above this [N m] get the stiffer actuator
_FINGER_ARMATURE = 0.2  # [kg]
_GRIPPER_STIFFNESS, _GRIPPER_DAMPING = 20000.0, 220.0  # [N/m], [N s/m]
_PAD_FRICTION = [1.2, 0.02, 0.0005]  # sliding, torsional [m], rolling [m]
# Contacts of the fingers are stiff, and their settings win over those of what they touch: with MuJoCo's defaults a
# grip of 40 N sank 5 mm into a block of 40 g, and the block slid 5 mm in a fast swing; now 0.2 mm and 1 mm.
_PAD_SOLREF, _PAD_SOLIMP, _PAD_MIX = [0.005, 1.0], [0.97, 0.995, 0.001, 0.5, 2.0], 1000.0


def build_robot(description: RobotDescription, config: RobotConfig) -> mujoco.MjSpec:
    """Return a specification that holds the robot alone, its base frame at the origin.

    Raises:
        InvalidInput: A joint of the configuration is not in the URDF.
    """
    joints = description.joints()
    missing = [name for name in config.arm_joints if name not in joints]
    if missing:
        raise InvalidInput(f'arm joints {missing} are not in the URDF; its joints: {", ".join(joints)}')
    spec = mujoco.MjSpec.from_string(_mujoco_urdf(description.urdf))
    for body in spec.bodies[1:]:
        body.gravcomp = 1.0
    for geom in spec.geoms:
        geom.group = _COLLISION_GROUP
    _add_visuals(spec, description.urdf)
    _add_excludes(spec, description, config)
    for name in config.arm_joints:
        _actuate_arm_joint(spec, joints[name])
    if config.gripper.joint:
        _actuate_gripper(spec, joints, config)
    return spec


def _mujoco_urdf(urdf: str) -> str:
    """Return the URDF with compiler settings, without visuals (MuJoCo reads no DAE), and with plain mesh paths."""
    root = ElementTree.fromstring(urdf)
    for link in root.findall('link'):
        for visual in link.findall('visual'):
            link.remove(visual)
    for mesh in root.iter('mesh'):
        mesh.set('filename', mesh.get('filename').removeprefix('file://'))
    settings = ElementTree.SubElement(root, 'mujoco')
    ElementTree.SubElement(
        settings,
        'compiler',
        strippath='false',
        balanceinertia='true',
        fusestatic='false',
        discardvisual='false',
        boundmass='0.000001',
        boundinertia='0.000000001',
    )
    return ElementTree.tostring(root, encoding='unicode')


def _add_visuals(spec: mujoco.MjSpec, urdf: str) -> None:
    for link in ElementTree.fromstring(urdf).findall('link'):
        body = spec.body(link.get('name'))
        for number, visual in enumerate(link.findall('visual')):
            position, quaternion = _origin(visual.find('origin'))
            box, mesh_element = visual.find('geometry/box'), visual.find('geometry/mesh')
            if box is not None:
                _add_visual_box(body, visual, box, position, quaternion)
            if mesh_element is None:
                continue
            scale = [float(v) for v in mesh_element.get('scale', '1 1 1').split()]
            path = Path(mesh_element.get('filename').removeprefix('file://'))
            for index, mesh in enumerate(load_visual(path)):
                name = f'{link.get("name")}_visual{number}_{index}'
                spec.add_mesh(
                    name=name,
                    uservert=(mesh.vertices * scale).astype(np.float32).ravel(),
                    userface=mesh.faces.ravel(),
                    inertia=mujoco.mjtMeshInertia.mjMESH_INERTIA_SHELL,
                )
                body.add_geom(
                    type=mujoco.mjtGeom.mjGEOM_MESH,
                    meshname=name,
                    pos=position,
                    quat=quaternion,
                    rgba=mesh.color,
                    group=_VISUAL_GROUP,
                    contype=0,
                    conaffinity=0,
                    mass=0.0,
                )


def _add_visual_box(
    body: mujoco.MjsBody,
    visual: ElementTree.Element,
    box: ElementTree.Element,
    position: np.ndarray,
    quaternion: np.ndarray,
) -> None:
    color = visual.find('material/color')
    body.add_geom(
        type=mujoco.mjtGeom.mjGEOM_BOX,
        size=[0.5 * float(v) for v in box.get('size').split()],
        pos=position,
        quat=quaternion,
        rgba=[0.5, 0.5, 0.5, 1.0] if color is None else [float(v) for v in color.get('rgba').split()],
        group=_VISUAL_GROUP,
        contype=0,
        conaffinity=0,
        mass=0.0,
    )


def _origin(element: ElementTree.Element | None) -> tuple[np.ndarray, np.ndarray]:
    """Return position (3,) [m] and quaternion (w, x, y, z) of a URDF origin: fixed axes roll, pitch, yaw."""
    from scipy.spatial.transform import Rotation

    if element is None:
        return np.zeros(3), np.array([1.0, 0.0, 0.0, 0.0])
    position = np.array([float(v) for v in element.get('xyz', '0 0 0').split()])
    rpy = [float(v) for v in element.get('rpy', '0 0 0').split()]
    return position, np.roll(Rotation.from_euler('xyz', rpy).as_quat(), 1)


def _add_excludes(spec: mujoco.MjSpec, description: RobotDescription, config: RobotConfig) -> None:
    bodies = {body.name for body in spec.bodies}
    fingers = {name for name in config.gripper.links if 'finger' in name}
    for a, b in description.disabled_collisions():
        if a in bodies and b in bodies and {a, b} != fingers:  # the fingers must not pass through each other
            spec.add_exclude(bodyname1=a, bodyname2=b)


def _actuate_arm_joint(spec: mujoco.MjSpec, joint: ElementTree.Element) -> None:
    limit = float(joint.find('limit').get('effort'))
    stiffness = 4500.0 if limit > _STRONG else 2000.0
    spec.joint(joint.get('name')).armature = _ARMATURE
    actuator = spec.add_actuator(name=joint.get('name'), target=joint.get('name'))
    actuator.trntype = mujoco.mjtTrn.mjTRN_JOINT
    actuator.set_to_position(kp=stiffness, kv=ARM_LAG * stiffness)
    actuator.forcelimited = mujoco.mjtLimited.mjLIMITED_TRUE
    actuator.forcerange = [-limit, limit]


def _actuate_gripper(spec: mujoco.MjSpec, joints: dict[str, ElementTree.Element], config: RobotConfig) -> None:
    """Drive one finger, and bind the others to it as the URDF's `mimic` says."""
    leader = config.gripper.joint
    for name, joint in joints.items():
        mimic = joint.find('mimic')
        if name == leader or (mimic is not None and mimic.get('joint') == leader):
            spec.joint(name).armature = _FINGER_ARMATURE
        if mimic is not None and mimic.get('joint') == leader:
            spec.add_equality(
                type=mujoco.mjtEq.mjEQ_JOINT,
                name1=name,
                name2=leader,
                data=[float(mimic.get('offset', 0.0)), float(mimic.get('multiplier', 1.0)), *([0.0] * 10)],
                solref=[0.004, 1.0],
                solimp=[0.99, 0.999, 0.0001, 0.5, 2.0],
            )
    actuator = spec.add_actuator(name=GRIPPER_ACTUATOR, target=leader)
    actuator.trntype = mujoco.mjtTrn.mjTRN_JOINT
    actuator.set_to_position(kp=_GRIPPER_STIFFNESS, kv=_GRIPPER_DAMPING)
    actuator.forcelimited = mujoco.mjtLimited.mjLIMITED_TRUE
    actuator.forcerange = [-80.0, 80.0]
    for link in config.gripper.links:
        for geom in spec.body(link).geoms:
            if geom.contype:
                geom.friction = _PAD_FRICTION
                geom.condim = 4
                geom.solref, geom.solimp, geom.solmix = _PAD_SOLREF, _PAD_SOLIMP, _PAD_MIX
