"""A store of timed frame-to-frame transforms: what tf2's buffer does, without ROS.

Frames form a tree; each frame knows its parent by a static transform or by samples over time. Between samples the
translation is interpolated linearly and the rotation by slerp. It serves two users: the import of bags, which asks
for whole paths, and `mt3_common.tf` where tf2_ros is not installed.
"""

import bisect
import threading
from dataclasses import dataclass, field

import numpy as np

from mt3_common import se3
from mt3_common.errors import MT3Error, StatusCode

__all__ = ['TransformStore']


@dataclass
class _Link:
    """From a frame to its parent: times [s] (rising; empty when static) and T_parent_child of each."""

    parent: str
    times: list[float] = field(default_factory=list)
    T_parent_child: list[np.ndarray] = field(default_factory=list)

    @property
    def static(self) -> bool:
        return not self.times


class TransformStore:
    """Collects transforms and answers where one frame is in another.

    Args:
        keep_s: How much of the past each moving frame keeps [s]; None: all.
        tolerance_s: How far before the first or after the last sample a question may lie; the nearest sample
            answers it then [s].
    """

    def __init__(self, keep_s: float | None = 10.0, tolerance_s: float = 0.0) -> None:
        self.keep_s = keep_s
        self.tolerance_s = tolerance_s
        self._links: dict[str, _Link] = {}
        self._lock = threading.Lock()

    def add(self, parent: str, child: str, stamp_s: float, T_parent_child: np.ndarray, static: bool = False) -> None:
        """Take one transform; a leading slash of a frame name is dropped, as in ROS 2."""
        parent, child = parent.lstrip('/'), child.lstrip('/')
        T_parent_child = np.asarray(T_parent_child, dtype=np.float64)
        with self._lock:
            link = self._links.get(child)
            if static:
                self._links[child] = _Link(parent, [], [T_parent_child])
                return
            if link is None or link.parent != parent or link.static:
                link = self._links[child] = _Link(parent)
            if self.keep_s is not None and link.times and stamp_s < link.times[-1] - self.keep_s:
                link.times.clear()  # the clock was set back: a simulation started over
                link.T_parent_child.clear()
            at = bisect.bisect_left(link.times, stamp_s)
            if at < len(link.times) and link.times[at] == stamp_s:
                link.T_parent_child[at] = T_parent_child
                return
            link.times.insert(at, stamp_s)
            link.T_parent_child.insert(at, T_parent_child)
            if self.keep_s is not None and link.times[-1] - link.times[0] > self.keep_s:
                old = bisect.bisect_left(link.times, link.times[-1] - self.keep_s)
                del link.times[:old], link.T_parent_child[:old]

    def add_series(self, parent: str, child: str, times: np.ndarray, T_parent_child: np.ndarray) -> None:
        """Take many samples of one link at once: times (K,) [s] in any order, T (K, 4, 4).

        Of equal times the last counts. What the link held before is merged with them; `keep_s` is not applied.
        """
        parent, child = parent.lstrip('/'), child.lstrip('/')
        times, T = np.asarray(times, np.float64), np.asarray(T_parent_child, np.float64)
        with self._lock:
            link = self._links.get(child)
            if link is not None and link.parent == parent and not link.static:
                times, T = np.concatenate([link.times, times]), np.concatenate([link.T_parent_child, T])
            order = np.argsort(times, kind='stable')
            last = np.append(np.diff(times[order]) > 0.0, True)
            order = order[last]
            self._links[child] = _Link(parent, times[order].tolist(), list(T[order]))

    @property
    def frames(self) -> list[str]:
        """All frames that are known, sorted."""
        with self._lock:
            return sorted(set(self._links) | {link.parent for link in self._links.values()})

    def ancestors(self, frame: str) -> list[str]:
        """Return the parents of a frame, nearest first; empty for a root or an unknown frame."""
        with self._lock:
            up = [frame.lstrip('/')]
            while up[-1] in self._links and self._links[up[-1]].parent not in up:
                up.append(self._links[up[-1]].parent)
            return up[1:]

    def newest(self, target: str, source: str) -> float:
        """Return the newest time [s] at which all links between two frames are known; inf when all are static.

        Raises:
            MT3Error: NO_DATA; unknown or unconnected frames.
        """
        return self.span(target, source)[1]

    def span(self, target: str, source: str) -> tuple[float, float]:
        """Return the first and last time [s] at which all links between two frames are known; infinite when static.

        Raises:
            MT3Error: NO_DATA; unknown or unconnected frames.
        """
        with self._lock:
            links = [link for link in self._between(target, source) if not link.static]
            first = max((link.times[0] for link in links), default=-float('inf'))
            return first, min((link.times[-1] for link in links), default=float('inf'))

    def moving_times(self, target: str, source: str) -> np.ndarray:
        """Return the sample times (K,) [s] of the link between two frames that is sampled most often; (0,) if static.

        Raises:
            MT3Error: NO_DATA; unknown or unconnected frames.
        """
        with self._lock:
            links = self._between(target, source)
            return np.array(max((link.times for link in links), key=len, default=[]))

    def lookup(self, target: str, source: str, stamp_s: float | None = None) -> np.ndarray:
        """Return T_target_source (4, 4) at a time [s]; None: from the newest samples.

        Raises:
            MT3Error: NO_DATA; unknown or unconnected frames, or no sample near the time.
        """
        if stamp_s is None:
            at = self.newest(target, source)
            return self.path(target, source, np.array([at if np.isfinite(at) else 0.0]))[0]
        return self.path(target, source, np.array([stamp_s]))[0]

    def path(self, target: str, source: str, times: np.ndarray) -> np.ndarray:
        """Return T_target_source (M, 4, 4) at times (M,) [s].

        Raises:
            MT3Error: NO_DATA; unknown or unconnected frames, or a time outside the samples.
        """
        times = np.asarray(times, dtype=np.float64)
        with self._lock:
            up_target, up_source = self._branches(target, source)
            T_root_target = self._chain(up_target, times)
            T_root_source = self._chain(up_source, times)
        return se3.inverse(T_root_target) @ T_root_source

    def _between(self, target: str, source: str) -> list[_Link]:
        up_target, up_source = self._branches(target, source)
        return [self._links[name] for name in up_target + up_source]

    def _branches(self, target: str, source: str) -> tuple[list[str], list[str]]:
        """Frames from each of two frames up to, without it, their nearest common ancestor."""
        target, source = target.lstrip('/'), source.lstrip('/')
        known = set(self._links) | {link.parent for link in self._links.values()}
        missing = [name for name in (target, source) if name not in known]
        if missing and target != source:
            raise MT3Error(
                f'no transform names the frame {" or ".join(missing)}; '
                f'known frames: {", ".join(sorted(known)) or "none"}',
                StatusCode.NO_DATA,
            )
        ups = []
        for name in (target, source):
            up = [name]
            while up[-1] in self._links:
                if self._links[up[-1]].parent in up:
                    raise MT3Error(f'the frames {" -> ".join(up)} form a loop', StatusCode.NO_DATA)
                up.append(self._links[up[-1]].parent)
            ups.append(up)
        common = next((name for name in ups[0] if name in ups[1]), None)
        if common is None:
            raise MT3Error(
                f'{target} (under {ups[0][-1]}) and {source} (under {ups[1][-1]}) are not connected; '
                'a static transform between the robot and the camera is what is usually missing',
                StatusCode.NO_DATA,
            )
        return ups[0][: ups[0].index(common)], ups[1][: ups[1].index(common)]

    def _chain(self, up: list[str], times: np.ndarray) -> np.ndarray:
        """T_ancestor_frame (M, 4, 4) along links from a frame up."""
        T = np.broadcast_to(np.eye(4), (len(times), 4, 4))
        for name in up:
            link = self._links[name]
            if link.static:
                T = link.T_parent_child[0] @ T
                continue
            first, last = link.times[0], link.times[-1]
            early, late = first - times.min(), times.max() - last
            if max(early, late) > self.tolerance_s + 1e-9:
                where = f'{early:.3f} s before its first' if early >= late else f'{late:.3f} s after its last'
                raise MT3Error(
                    f'the transform {link.parent} -> {name} was asked for {where} sample; it spans '
                    f'{first:.3f} to {last:.3f} s and may be exceeded by {self.tolerance_s} s',
                    StatusCode.NO_DATA,
                )
            low = max(bisect.bisect_right(link.times, times.min()) - 1, 0)
            high = min(bisect.bisect_left(link.times, times.max()) + 1, len(link.times))
            T = se3.interpolate(np.array(link.times[low:high]), np.array(link.T_parent_child[low:high]), times) @ T
        return T
