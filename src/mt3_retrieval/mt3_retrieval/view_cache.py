"""Demonstrations prepared for alignment, kept while they are used."""

import threading
from collections import OrderedDict

from mt3_common.demonstration import Demonstration
from mt3_retrieval.alignment import View
from mt3_retrieval.library import DemoLibrary, Record

__all__ = ['ViewCache']


class ViewCache:
    """The most recently used demonstrations with their views; a changed row is read again. Safe across threads."""

    def __init__(self, library: DemoLibrary, size: int) -> None:
        self._library, self._size = library, size
        self._kept: OrderedDict[str, tuple[object, Demonstration, View]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, record: Record) -> tuple[Demonstration, View]:
        """Return the demonstration and the view of its object.

        Raises:
            MT3Error: NO_DEMONSTRATION, removed meanwhile; STORAGE.
        """
        with self._lock:
            kept = self._kept.get(record.id)
            if kept is not None and kept[0] == record.changed_at:
                self._kept.move_to_end(record.id)
                return kept[1], kept[2]
        demo = self._library.get(record.id)
        view = View.from_rgbd(
            demo.depth_m, demo.mask, demo.K, demo.T_base_camera, demo.rgb, support_height=demo.support_height_m
        )
        with self._lock:
            self._kept[record.id] = (record.changed_at, demo, view)
            self._kept.move_to_end(record.id)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return demo, view
