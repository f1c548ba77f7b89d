"""Several demonstrations in one bag: where one ends and the next begins.

With marks: each mark `bottleneck` belongs to a demonstration of its own; the next begins with its own mark `scene`,
or, without one, where the last ended. Without marks: the tool comes back to where it rested first, within `home_m`, and
rests there for `home_rest_s`; each such rest with a motion before and after it divides the bag. Such a rest belongs to
both sides, since the scene of the next demonstration is taken in it.
"""

from itertools import pairwise

import numpy as np

from mt3_teach.bag_demo import BagDemo
from mt3_teach.config import ImportConfig
from mt3_teach.phases import pauses
from mt3_teach.tool_path import ToolPath

__all__ = ['find_parts']


def find_parts(demo: BagDemo, path: ToolPath, config: ImportConfig) -> list[tuple[float, float]]:
    """Return (begin, end) of each demonstration [s]; one span over everything when there is only one."""
    everything = [(-np.inf, np.inf)]
    bottlenecks = [at for at, name, _ in demo.events if name == 'bottleneck']
    if bottlenecks:
        return _by_marks(demo, bottlenecks) if len(bottlenecks) > 1 else everything
    rests = _rests_at_home(path, config)
    if len(rests) < 2:
        return everything
    spans = [(begin, end) for (begin, _), (_, end) in pairwise(rests)]
    if _journey(path, rests[-1][1], np.inf, rests[0][0]) > config.leave_m:  # it need not come home in the end
        spans.append((rests[-1][0], np.inf))
    return spans if len(spans) > 1 else everything


def _by_marks(demo: BagDemo, bottlenecks: list[float]) -> list[tuple[float, float]]:
    scenes = [at for at, name, _ in demo.events if name == 'scene']
    ends = [at for at, name, _ in demo.events if name == 'end']
    cuts = []
    for before, after in pairwise(bottlenecks):
        own = [at for at in scenes if before < at < after]
        ended = [at for at in ends if before < at < after]
        cuts.append(own[0] - 1e-6 if own else ended[-1] + 1e-6 if ended else 0.5 * (before + after))
    return list(zip([-np.inf, *cuts], [*cuts, np.inf], strict=True))


def _rests_at_home(path: ToolPath, config: ImportConfig) -> list[tuple[float, float]]:
    long = [(a, b) for a, b in pauses(path, config) if b - a >= config.home_rest_s]
    if not long:
        return []
    home = path.at(np.array([long[0][0]]))[0, :3, 3]
    at_home = [(a, b) for a, b in long if np.linalg.norm(path.at(np.array([a]))[0, :3, 3] - home) < config.home_m]
    kept = at_home[:1]
    for begin, end in at_home[1:]:  # two rests without a journey between them are one
        if _journey(path, kept[-1][1], begin, kept[0][0]) > config.leave_m:
            kept.append((begin, end))
        else:
            kept[-1] = (kept[-1][0], end)
    return kept


def _journey(path: ToolPath, begin_s: float, end_s: float, home_s: float) -> float:
    """Return how far the tool gets between two times [s] from where it was at a third [m]."""
    inside = (path.time_s > begin_s) & (path.time_s < end_s)
    home = path.at(np.array([home_s]))[0, :3, 3]
    return float(np.linalg.norm(path.T_base_tcp[inside, :3, 3] - home, axis=1).max(initial=0.0))
