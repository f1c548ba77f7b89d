"""Several demonstrations of one task made into one, which the library keeps as a demonstration of its own.

Each was given with the object somewhere else. So the object of each is aligned with that of a reference, as retrieval
aligns it with a live one, and the paths are brought into the reference's scene; then `several.blend` averages them,
bottlenecks included. What is left out, and why, is told and kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mt3_common import se3
from mt3_common.demonstration import Demonstration, Interaction, new_id
from mt3_common.errors import InvalidInput, StatusCode
from mt3_retrieval.alignment import AlignmentConfig, View, align
from mt3_teach.several import BLENDED, DEVIATION, Blend, align_in_time, blend

__all__ = ['Blended', 'blend_demonstrations', 'deviation_of']

_NEAR_M = 0.1  # paths that an alignment brings no nearer to each other were aligned wrongly, or go elsewhere
_AT_LEAST = 3


@dataclass(frozen=True, eq=False)
class Blended:
    """One demonstration of several.

    Attributes:
        demonstration: In the scene of the reference; its provenance names the parents.
        deviation_m: (K,) standard deviation of the parents' tool at each sample of its path [m].
        speed: (K,) share of the demonstrated pace that it has there.
        paths_base: {id: (N, 3)} positions of the parents' tools in the reference's scene, base frame [m].
        reference: Id of the demonstration whose scene it has.
        left_out: {id: why}.
    """

    demonstration: Demonstration
    deviation_m: np.ndarray
    speed: np.ndarray
    paths_base: dict[str, np.ndarray]
    reference: str
    left_out: dict[str, str]


def blend_demonstrations(
    demos: Sequence[Demonstration], config: AlignmentConfig | None = None, retime: bool = True
) -> Blended:
    """Make one demonstration of several.

    Args:
        demos: At least three of the same task, with the same robot.
        config: Of the alignment; the degrees of freedom and the stretch are those of the demonstrations.
        retime: Slow the path where the demonstrations agree, since precision matters there.

    Raises:
        InvalidInput: Fewer than three, or fewer that fit together; several robots; a blend among them.
    """
    _check(demos)
    reference = demos[align_in_time([d.interaction for d in demos]).medoid]
    seen = _view(reference)
    left_out, brought = {}, []
    for demo in demos:
        T_reference_bottleneck, why = _bring(demo, reference, seen, config)
        if why:
            left_out[demo.id] = why
        else:
            brought.append((demo, T_reference_bottleneck))
    if len(brought) < _AT_LEAST:
        reasons = '; '.join(f'{i[:8]}: {why}' for i, why in left_out.items())
        raise InvalidInput(
            f'{len(brought)} of {len(demos)} demonstrations fit together, {_AT_LEAST} are needed: {reasons}'
        )
    mean = blend([demo.interaction for demo, _ in brought], [start for _, start in brought])
    used = [brought[k][0] for k in mean.used]
    for k, (demo, _) in enumerate(brought):
        if k not in mean.used:
            left_out[demo.id] = 'its path lies apart from the others'
    return _stored(mean, reference, brought, used, left_out, retime)


def deviation_of(demo: Demonstration) -> np.ndarray | None:
    """Return (K,) how far the parents of a blended demonstration lay apart at its samples [m]; None of any other."""
    words = demo.provenance.get(DEVIATION, '').split()
    return 1e-3 * np.array(words, float) if len(words) == len(demo.interaction.time_s) else None


def _check(demos: Sequence[Demonstration]) -> None:
    if len(demos) < _AT_LEAST:
        raise InvalidInput(f'a mean of demonstrations needs at least {_AT_LEAST}: got {len(demos)}')
    for what in ('robot', 'dof', 'simulated'):
        values = sorted({str(getattr(d, what)) for d in demos})
        if len(values) > 1:
            raise InvalidInput(f'demonstrations that are blended must have the same {what}: got {", ".join(values)}')
    tasks = {(d.skill, d.target, d.other) if d.skill else d.task.lower().strip() for d in demos}
    if len(tasks) > 1:
        raise InvalidInput(
            f'demonstrations that are blended must be of one task: got {", ".join(sorted({d.task for d in demos}))}'
        )
    blends = [d.id[:8] for d in demos if BLENDED in d.provenance]
    if blends:
        raise InvalidInput(f'{", ".join(blends)} is a blend itself; name its parents')


def _view(demo: Demonstration) -> View:
    return View.from_rgbd(
        demo.depth_m, demo.mask, demo.K, demo.T_base_camera, demo.rgb, support_height=demo.support_height_m
    )


def _bring(
    demo: Demonstration, reference: Demonstration, seen: View, config: AlignmentConfig | None
) -> tuple[np.ndarray, str]:
    """Return where a demonstration begins, from the reference's bottleneck (4, 4), and why it cannot be used."""
    if demo is reference:
        return np.eye(4), ''
    wanted = {'dof': demo.dof, 'allow_stretch': demo.stretch and reference.stretch}
    alignment = align(_view(demo), seen, (config or AlignmentConfig()).model_copy(update=wanted))
    unsure = alignment.status.code == StatusCode.LOW_CONFIDENCE
    if not (alignment.status.ok or unsure):
        return np.eye(4), f'its object does not fit that of {reference.id[:8]}: {alignment.status}'
    # where the object alone does not tell, as of a round one or of one whose handle is hidden, the paths do
    poses = alignment.candidates if unsure else alignment.alternatives
    turns = [alignment, *(replace(alignment, T_live_demo=p.T_live_demo, stretch=p.stretch) for p in poses)]
    T_reference_base = se3.inverse(reference.T_base_bottleneck)
    starts = [T_reference_base @ turn.transfer_pose(demo.T_base_bottleneck) for turn in turns]
    gaps = [_gap(start, demo.interaction, reference.interaction) for start in starts]
    best = int(np.argmin(gaps))
    if gaps[best] > _NEAR_M:
        return starts[best], (
            f'its object would have to lie so in {reference.id[:8]} that the paths are {100 * gaps[best]:.0f} cm apart '
            f'(limit {100 * _NEAR_M:.0f} cm)'
        )
    return starts[best], ''


def _gap(start: np.ndarray, path: Interaction, other: Interaction) -> float:
    """Return how far two paths lie apart at the same shares of their durations, root mean square [m]."""
    shares = np.linspace(0.0, 1.0, 50)
    a, b = (se3.interpolate(p.time_s, p.T_bottleneck_tcp, shares * p.duration_s) for p in (path, other))
    return float(np.sqrt(np.mean(np.sum(((start @ a)[:, :3, 3] - b[:, :3, 3]) ** 2, axis=1))))


def _stored(
    mean: Blend,
    reference: Demonstration,
    brought: list[tuple[Demonstration, np.ndarray]],
    used: list[Demonstration],
    left_out: dict[str, str],
    retime: bool,
) -> Blended:
    T = reference.T_base_bottleneck
    paths = {d.id: (T @ start @ d.interaction.T_bottleneck_tcp)[:, :3, 3] for d, start in brought if d in used}
    provenance = {
        BLENDED: ' '.join(d.id for d in used),
        'reference': reference.id,
        DEVIATION: ' '.join(f'{1e3 * v:.1f}' for v in mean.deviation_m),
    }
    if left_out:
        provenance['left_out'] = '; '.join(f'{i[:8]}: {why}' for i, why in left_out.items())
    operators = sorted({d.provenance['operator'] for d in used if d.provenance.get('operator')})
    if operators:
        provenance['operator'] = ', '.join(operators)
    for name in ('camera', 'licence', 'sim_scene'):  # those of its scene
        if reference.provenance.get(name):
            provenance[name] = reference.provenance[name]
    demonstration = replace(
        reference,
        id=new_id(),
        T_base_bottleneck=T @ mean.T_common_bottleneck,
        interaction=mean.retimed() if retime else mean.interaction,
        success=None,  # nobody has seen it yet: `mt3 teach check`
        tags=tuple(sorted({tag for d in used for tag in d.tags} | {'blend'})),
        notes=f'mean of {len(used)} demonstrations',
        provenance=provenance,
    )
    return Blended(demonstration, mean.deviation_m, mean.speed, paths, reference.id, left_out)
