"""The objects of one scene, prepared for comparing; several questions about a scene prepare each object once."""

from collections.abc import Iterable

import numpy as np

from mt3_common.errors import MT3Error, StatusCode
from mt3_common.scene import Scene, SceneObject
from mt3_retrieval.alignment import View
from mt3_retrieval.descriptor import describe

__all__ = ['LiveObjects']


class LiveObjects:
    """Descriptors and views of the objects of a scene, made when first asked for."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._descriptors: dict[int, np.ndarray] = {}
        self._views: dict[int, View] = {}

    def candidates(self, object_id: int | None) -> list[SceneObject]:
        """Return the objects to consider.

        Raises:
            MT3Error: OBJECT_NOT_FOUND, none, or not the forced one.
        """
        if object_id:
            return [self.scene.object(object_id)]
        if not self.scene.objects:
            raise MT3Error(
                'the scene holds no object; is one in view, within the workspace of the perception node?',
                StatusCode.OBJECT_NOT_FOUND,
            )
        return list(self.scene.objects)

    def descriptors(self, items: Iterable[SceneObject]) -> list[np.ndarray]:
        """Return the shape descriptors (D,) of objects."""
        for item in items:
            if item.id not in self._descriptors:
                self._descriptors[item.id] = describe(item.points, item.support_height_m)
        return [self._descriptors[item.id] for item in items]

    def view(self, item: SceneObject) -> View:
        """Return the view of an object."""
        if item.id not in self._views:
            scene = self.scene
            self._views[item.id] = View.from_rgbd(
                scene.depth_m,
                scene.mask(item.id),
                scene.K,
                scene.T_base_camera,
                scene.rgb,
                support_height=item.support_height_m,
            )
        return self._views[item.id]
