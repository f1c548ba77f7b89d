"""Demonstrations prepared for alignment, kept while they are used."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from mt3_common.demonstration import Demonstration
from mt3_retrieval.alignment import View
from mt3_retrieval.library import Brief, DemoLibrary, Record

__all__ = ['ViewCache', 'taught_view']

Kept = TypeVar('Kept')


class ViewCache:
    """The most recently used views and demonstrations; a changed row is read again. Safe across threads.

    Of the whole demonstrations, with their pictures, fewer are kept: only answers need them.
    """

    def __init__(self, library: DemoLibrary, views: int, demonstrations: int) -> None:
        self._library = library
        self._views: _Recent[View] = _Recent(views)
        self._demos: _Recent[Demonstration] = _Recent(demonstrations)

    def view(self, record: Brief | Record) -> View:
        """Return the view of a demonstration's object.

        Raises:
            MT3Error: NO_DEMONSTRATION, removed meanwhile; STORAGE.
        """
        return self._views.get(record, lambda: taught_view(self.demonstration(record)))

    def demonstration(self, record: Brief | Record) -> Demonstration:
        """Return the whole demonstration; raises as `view` does."""
        return self._demos.get(record, lambda: self._library.get(record.id))


def taught_view(demo: Demonstration) -> View:
    """Return the view of a demonstration's object."""
    return View.from_rgbd(
        demo.depth_m, demo.mask, demo.K, demo.T_base_camera, demo.rgb, support_height=demo.support_height_m
    )


class _Recent(Generic[Kept]):
    """What was used last, by id and time of change."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[str, tuple[object, Kept]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, record: Brief | Record, make: Callable[[], Kept]) -> Kept:
        with self._lock:
            kept = self._kept.get(record.id)
            if kept is not None and kept[0] == record.changed_at:
                self._kept.move_to_end(record.id)
                return kept[1]
        value = make()
        with self._lock:
            self._kept[record.id] = (record.changed_at, value)
            self._kept.move_to_end(record.id)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return value
