"""The objects of one scene, prepared for comparing; several questions about a scene prepare each object once."""

from collections.abc import Iterable, Sequence

import numpy as np

from mt3_common.errors import MT3Error, StatusCode
from mt3_common.scene import Scene, SceneObject
from mt3_retrieval.alignment import View
from mt3_retrieval.descriptor import describe
from mt3_retrieval.divide import Piece, pieces

__all__ = ['LiveObjects']


class LiveObjects:
    """Descriptors and views of the objects of a scene, made when first asked for.

    Args:
        scene: The observation.
        parts: Pieces of its objects, which are then what is considered.
    """

    def __init__(self, scene: Scene, parts: Sequence[Piece] | None = None) -> None:
        self.scene = scene
        self._parts = None if parts is None else {part.object.id: part for part in parts}
        self._within: LiveObjects | None = None
        self._descriptors: dict[int, np.ndarray] = {}
        self._views: dict[int, View] = {}

    def candidates(self, object_id: int | None) -> list[SceneObject]:
        """Return the objects to consider; with an id, that one or its pieces.

        Raises:
            MT3Error: OBJECT_NOT_FOUND, none, or not the forced one.
        """
        if self._parts is not None:
            return [part.object for part in self._parts.values() if not object_id or part.whole == object_id]
        if object_id:
            return [self.scene.object(object_id)]
        if not self.scene.objects:
            raise MT3Error(
                'the scene holds no object; is one in view, within the workspace of the perception node?',
                StatusCode.OBJECT_NOT_FOUND,
            )
        return list(self.scene.objects)

    def within(self) -> 'LiveObjects':
        """Return the pieces of these objects."""
        if self._within is None:
            self._within = LiveObjects(self.scene, pieces(self.scene))
        return self._within

    def whole(self, object_id: int) -> int:
        """Return the object of the scene that an object is, or that it is a piece of."""
        part = self._part(object_id)
        return object_id if part is None else part.whole

    def scene_with(self, object_id: int) -> Scene:
        """Return the scene in which this object has its own label."""
        part = self._part(object_id)
        return self.scene if part is None else part.cut_from(self.scene)

    def _part(self, object_id: int) -> Piece | None:
        own = (self._parts or {}).get(object_id)
        return self._within._part(object_id) if own is None and self._within is not None else own

    def descriptors(self, items: Iterable[SceneObject]) -> list[np.ndarray]:
        """Return the shape descriptors (D,) of objects."""
        for item in items:
            if item.id not in self._descriptors:
                self._descriptors[item.id] = describe(item.points, item.support_height_m)
        return [self._descriptors[item.id] for item in items]

    def view(self, item: SceneObject) -> View:
        """Return the view of an object."""
        if item.id not in self._views:
            scene = self.scene_with(item.id)
            self._views[item.id] = View.from_rgbd(
                scene.depth_m,
                scene.mask(item.id),
                scene.K,
                scene.T_base_camera,
                scene.rgb,
                support_height=item.support_height_m,
            )
        return self._views[item.id]
