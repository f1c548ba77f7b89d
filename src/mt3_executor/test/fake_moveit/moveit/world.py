"""MoveIt's planning scene in the fake: boxes around and in the hand, checked with Coal."""

import coal
import numpy as np
import pinocchio as pin
from moveit_msgs.msg import AttachedCollisionObject, CollisionObject
from shape_msgs.msg import SolidPrimitive

from mt3_common.conversions import pose_to_matrix


class FakeWorld:
    """What `connect` asks of a world."""

    def __init__(self, arm):
        self.arm, self.things, self.attached, self.allowed = arm, {}, {}, {}
        self._data = arm.model.createData()

    def process(self, thing):
        """Take a CollisionObject as MoveIt does; False for one it cannot use."""
        if not isinstance(thing, CollisionObject):
            raise TypeError('process_collision_object(): incompatible function arguments')
        if thing.operation == CollisionObject.REMOVE:
            return self.things.pop(thing.id, None) is not None or True
        if not self.arm.model.existFrame(thing.header.frame_id):
            return False
        if not thing.primitives or len(thing.primitives) != len(thing.primitive_poses):
            return False
        for primitive in thing.primitives:
            assert primitive.type == SolidPrimitive.BOX and len(primitive.dimensions) == 3
        self.things[thing.id] = thing
        return True

    def attach(self, attached):
        """Take an AttachedCollisionObject."""
        if not isinstance(attached, AttachedCollisionObject):
            raise TypeError('process_attached_collision_object(): incompatible function arguments')
        if attached.object.operation == CollisionObject.REMOVE:
            gone = self.attached.pop(attached.object.id, None)
            if gone is not None:  # MoveIt puts a detached object back into the world
                self.things[attached.object.id] = gone.object
            return gone is not None
        if not self.arm.model.existFrame(attached.link_name):
            return False
        self.attached[attached.object.id] = attached
        return True

    def freeze(self):
        """Build the collision model of this moment."""
        arm = self.arm
        geometry = arm.geometry.copy()
        moving = [i for i, shape in enumerate(geometry.geometryObjects) if shape.parentJoint > 0]

        def add(name, thing, frame, links):
            parent = arm.model.frames[arm.model.getFrameId(frame)]
            for primitive, pose in zip(thing.primitives, thing.primitive_poses, strict=True):
                placement = parent.placement * pin.SE3(pose_to_matrix(thing.pose) @ pose_to_matrix(pose))
                shape = coal.Box(*(float(d) for d in primitive.dimensions))
                added = geometry.addGeometryObject(pin.GeometryObject(name, parent.parentJoint, 0, placement, shape))
                for link in links:
                    if not self.allowed.get((name, arm.link_of(link)), False):
                        geometry.addCollisionPair(pin.CollisionPair(link, added))

        for name, thing in self.things.items():
            add(name, thing, thing.header.frame_id, moving)
        for name, attached in self.attached.items():
            links = [i for i in moving if arm.link_of(i) not in attached.touch_links]
            add(name, attached.object, attached.link_name, links)
        self._geometry, self._geometry_data = geometry, geometry.createData()

    def is_free(self, q, phase=None):
        """Whether nothing touches."""
        return not pin.computeCollisions(
            self.arm.model, self._data, self._geometry, self._geometry_data, self.arm.full(np.asarray(q)), True
        )
