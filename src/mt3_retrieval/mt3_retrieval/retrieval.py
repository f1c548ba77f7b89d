"""Which demonstration, on which object, aligned how: `Retriever(library).retrieve(task, scene)`.

Steps: understand the text, find demonstrations of that task, shortlist pairs of demonstration and object by
shape, align them, rank, decide. Each is a function of its own module; here they are put in a row.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import zip_longest

import numpy as np

from mt3_common.demonstration import Demonstration
from mt3_common.errors import MT3Error, Status, StatusCode
from mt3_common.scene import Scene, SceneObject
from mt3_retrieval.aligner import Aligner
from mt3_retrieval.alignment import Alignment, View, align_many
from mt3_retrieval.config import RetrievalConfig
from mt3_retrieval.descriptor import describe
from mt3_retrieval.language import ParsedTask, parse
from mt3_retrieval.language.embedding import default_embedder
from mt3_retrieval.library import DemoLibrary
from mt3_retrieval.library.filters import all_of, equals, tagged
from mt3_retrieval.live_objects import LiveObjects
from mt3_retrieval.ranking import decide, rank
from mt3_retrieval.result import Candidate, Retrieval
from mt3_retrieval.shortlist import Pair, shortlist
from mt3_retrieval.surroundings import turned_to_surroundings
from mt3_retrieval.target_mask import target_mask
from mt3_retrieval.task_search import ORIGIN_ADVICE, TaskMatch, find_tasks
from mt3_retrieval.view_cache import ViewCache

__all__ = ['Candidate', 'Retrieval', 'RetrievalConfig', 'Retriever']

Embed = Callable[[str], np.ndarray]

_NO_WHOLE_ONE = (StatusCode.OBJECT_NOT_FOUND, StatusCode.LOW_CONFIDENCE)  # what stands within one may still be it


class Retriever:
    """Answers tasks from one library. May be called from several threads.

    Args:
        library: Looked at anew in every call.
        config: Settings.
        embed: Sentence embedding; None for none, 'default' for the installed one.
    """

    def __init__(
        self, library: DemoLibrary, config: RetrievalConfig | None = None, embed: Embed | str | None = 'default'
    ) -> None:
        self.library = library
        self.config = config or RetrievalConfig()
        self._embed = default_embedder() if isinstance(embed, str) else embed
        self._views = ViewCache(library, self.config.cached_views, self.config.cached_demonstrations)
        self._aligner = Aligner(self._views, self.config)

    def retrieve(
        self,
        task: str,
        scene: Scene,
        *,
        demonstration_id: str | None = None,
        object_id: int | None = None,
        robot: str | None = None,
        simulated: bool | None = None,
        tags: Iterable[str] = (),
        max_candidates: int | None = None,
    ) -> Retrieval:
        """Choose demonstration, object and alignment for a task. Refuses by its status, never by an exception.

        Args:
            task: Free text; may be empty when a demonstration is forced.
            scene: What the camera sees.
            demonstration_id: Force this demonstration; the beginning of its id is enough.
            object_id: Force this object of the scene.
            robot: Only demonstrations of this robot; None: any.
            simulated: Only simulated (True) or real (False) demonstrations; None: as configured.
            tags: Only demonstrations that carry all of these.
            max_candidates: How many candidates to return.
        """
        return self._retrieve(
            task,
            LiveObjects(scene),
            demonstration_id=demonstration_id,
            object_id=object_id,
            where=self._where(robot, simulated, tags),
            max_candidates=max_candidates or self.config.max_candidates,
        )

    def retrieve_many(
        self,
        tasks: Iterable[str],
        scene: Scene,
        *,
        robot: str | None = None,
        simulated: bool | None = None,
        tags: Iterable[str] = (),
        max_candidates: int | None = None,
    ) -> list[Retrieval]:
        """Answer several tasks in one scene, in their order; filters as in `retrieve`. Objects are prepared once."""
        live, where = LiveObjects(scene), self._where(robot, simulated, tags)
        limit = max_candidates or self.config.max_candidates
        return [self._retrieve(task, live, where=where, max_candidates=limit) for task in tasks]

    def _retrieve(
        self,
        task: str,
        live: LiveObjects,
        *,
        where: str,
        max_candidates: int,
        demonstration_id: str | None = None,
        object_id: int | None = None,
    ) -> Retrieval:
        """Do the steps, one after the other."""
        clock, parsed, config = _Clock(), parse(task), self.config
        if not live.scene.calibration.ok:  # right about what is there, wrong about where
            return Retrieval(live.scene.calibration, task, parsed, timing_s=clock.marks)
        try:
            objects = live.candidates(object_id)
            matches = self._matches(parsed, where, demonstration_id)
            clock.mark('language')
            found = self._search(parsed, matches, live, objects, max_candidates, clock)
            candidates = rank(found, config)
            status = decide(candidates, config)
            if status.code in _NO_WHOLE_ONE and (parts := live.within().candidates(object_id)):
                found += self._search(parsed, matches, live.within(), parts, max_candidates, clock)
                candidates = rank(found, config)
                status = decide(candidates, config)
            best = candidates[0]
            record = next(p.match.record for p, _ in found if p.match.record.id == best.demonstration_id)
            demo, target = self._views.demonstration(record), None
            clock.mark('rank')
            if status.ok:
                view, agreed, scene = self._views.view(record), False, live.scene_with(best.object_id)
                if best.alignment.alternative_yaws:
                    turned, agreed = turned_to_surroundings(scene, best.object_id, view, best.alignment)
                    candidates[0] = best = replace(best, alignment=turned)
                target = target_mask(scene, best.object_id, view, best.alignment, agreed)
                clock.mark('target')
        except MT3Error as error:
            return Retrieval(error.status, task, parsed, timing_s=clock.marks)
        wholes = [replace(c, object_id=live.whole(c.object_id)) for c in candidates[:max_candidates]]
        return _answer(status, task, parsed, live.scene, demo, target, wholes, clock)

    def _search(
        self,
        parsed: ParsedTask,
        matches: list[TaskMatch],
        live: LiveObjects,
        objects: list[SceneObject],
        max_candidates: int,
        clock: '_Clock',
    ) -> list[tuple[Pair, Alignment | None]]:
        """Return pairs of demonstration and object, those that promised enough with their alignments."""
        config = self.config
        pairs = shortlist(
            matches,
            objects,
            parsed,
            descriptors=live.descriptors(objects),
            at_most=max(max_candidates, config.max_aligned),
            language_weight=config.language_weight,
            colour_weight=config.colour_weight,
            label_weight=config.label_weight,
        )
        clock.mark('shortlist')
        pairs, alignments = self._aligner.align(pairs, live, clock.mark)
        return list(zip_longest(pairs, alignments))

    def warm_up(self) -> None:
        """Compile the kernels and load the text model, so that the first request is as fast as the next."""
        depth = np.full((480, 640), 1.0, np.float32)  # seen from above: an L of two heights on a table
        depth[200:290, 270:310] = 0.9
        depth[250:290, 270:370] = 0.94
        mask = depth < 0.99
        K = np.array([[600.0, 0.0, 320.0], [0.0, 600.0, 240.0], [0.0, 0.0, 1.0]])
        T_base_camera = np.diag([1.0, -1.0, -1.0, 1.0])
        T_base_camera[2, 3] = 1.0
        view = View.from_rgbd(depth, mask, K, T_base_camera, support_height=0.0)
        points = view.points_base()
        describe(points, 0.0)
        for dof in (4, 6):
            found = align_many([(view, view)], self.config.alignment.model_copy(update={'dof': dof}), 1)[0]
        grey = np.zeros((*depth.shape, 3), np.uint8)
        item = SceneObject(1, points, np.zeros(points.shape, np.uint8), np.eye(4), np.ones(3), 0.0, (0, 0, 1, 1))
        scene = Scene(0.0, 'base', 'camera', grey, depth, mask.astype(np.int32), K, T_base_camera, (item,))
        target_mask(scene, 1, view, found)
        if self._embed is not None:
            self._embed('pick up the mug')

    def _where(self, robot: str | None, simulated: bool | None, tags: Iterable[str]) -> str:
        """Return the SQL condition of the filters."""
        wanted = self.config.origin == 'simulated' if simulated is None else simulated
        return all_of(
            equals('simulated', bool(wanted)), equals('robot', robot) if robot else '', *(tagged(t) for t in tags)
        )

    def _matches(self, parsed: ParsedTask, where: str, demonstration_id: str | None) -> list[TaskMatch]:
        """Demonstrations of the task, or the forced one.

        Raises:
            MT3Error: NOT_UNDERSTOOD, NO_DEMONSTRATION, STORAGE.
        """
        if not demonstration_id:
            limits = {
                'pool': self.config.language_pool,
                'min_score': self.config.min_language,
                'min_cosine': self.config.min_text_cosine,
            }
            return self.library.while_unchanged(
                (parsed, where, *limits.values()),
                lambda: find_tasks(self.library, parsed, where, embed=self._embed, **limits),
            )
        like = self.library.ids_beginning_with(demonstration_id)  # tables show the first eight letters
        record = self.library.record(like[0] if len(like) == 1 else demonstration_id)
        if not self.library.count(all_of(where, equals('id', record.id))):
            kind = 'simulated' if record.simulated else 'real'
            raise MT3Error(
                f'demonstration {demonstration_id!r} ({kind}, robot {record.robot!r}, tags {list(record.tags)}) does '
                f'not pass the filter {where}; {ORIGIN_ADVICE}',
                StatusCode.NO_DEMONSTRATION,
            )
        return [TaskMatch(record, 1.0)]


class _Clock:
    """Seconds between marks."""

    def __init__(self) -> None:
        self.marks: dict[str, float] = {}
        self._start = self._last = time.perf_counter()

    def mark(self, name: str) -> None:
        """End a step."""
        now = time.perf_counter()
        self.marks[name] = self.marks.get(name, 0.0) + now - self._last
        self._last = now
        self.marks['total'] = now - self._start


def _answer(
    status: Status,
    task: str,
    parsed: ParsedTask,
    scene: Scene,
    demo: Demonstration,
    target: np.ndarray | None,
    candidates: list[Candidate],
    clock: _Clock,
) -> Retrieval:
    """Put the answer together."""
    best = candidates[0]
    alignment = best.alignment
    T_base_bottleneck, alternatives = None, ()
    if np.isfinite(alignment.score):
        T_base_bottleneck = alignment.transfer_pose(demo.T_base_bottleneck)
        alternatives = tuple(
            alignment.at_yaw(k).transfer_pose(demo.T_base_bottleneck) for k in range(len(alignment.alternative_yaws))
        )
    return Retrieval(
        status=status,
        task=task,
        parsed=parsed,
        demo=demo,
        object=scene.object(best.object_id),
        T_base_bottleneck=T_base_bottleneck,
        alternative_bottlenecks=alternatives,
        alignment=alignment,
        target_mask=target,
        candidates=tuple(candidates),
        timing_s=dict(clock.marks),
    )
