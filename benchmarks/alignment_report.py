"""The report of the alignment benchmark: numbers, tables and pictures from its rows."""

import itertools
from pathlib import Path

import numpy as np
from alignment_objects import CATEGORIES
from alignment_scenes import K, make_pair, view_of

from mt3_common import se3

__all__ = ['EXTRA', 'NAMES', 'auroc', 'draw_reliability', 'draw_worst', 'markdown', 'summary']

LIMITS = (('5mm_3deg', 0.005, 3.0), ('1cm_5deg', 0.010, 5.0), ('2cm_10deg', 0.020, 10.0))
NAMES = {'same': 'same instance', 'cat': 'novel instance'}
EXTRA = {
    'same_knowable': 'same instance, yaw knowable',
    'cat_knowable': 'novel instance, yaw knowable',
    'hidden': 'handle hidden now',
    'cell': 'families of the simulated cell',
    'asset_same': 'asset mesh, same instance',
    'asset_cat': 'asset mesh, novel instance',
    'six': 'fallen over, 6-DoF',
}


def auroc(score: np.ndarray, right: np.ndarray) -> float:
    """Return the probability that a right pair scores above a wrong one."""
    if right.all() or not right.any():
        return float('nan')
    above = score[right][:, None] - score[~right][None]
    return float((above > 0).mean() + 0.5 * (above == 0).mean())


def summary(rows: list) -> dict[str, float]:
    """Return the numbers of one line of the table."""
    numbers = {f'within_{name}_percent': 100.0 * np.mean([r.within(m, d) for r in rows]) for name, m, d in LIMITS}
    seconds, views = np.array([r.seconds for r in rows]), np.array([r.view_seconds for r in rows])
    numbers |= {
        'pairs': len(rows),
        'align_median_ms': 1e3 * np.median(seconds),
        'align_p95_ms': 1e3 * np.percentile(seconds, 95),
        'live_view_median_ms': 1e3 * np.median(views),
    }
    if rows[0].result is not None:
        right = np.array([r.within(0.02, 10.0) for r in rows])
        confidence = np.array([r.result.confidence for r in rows])
        most = np.argsort(-confidence, kind='stable')[: int(0.8 * len(rows))]
        numbers |= {
            'confidence_auroc': auroc(confidence, right),
            'right_at_80_percent_coverage': 100 * right[most].mean(),
            'confident_and_wrong_percent': 100 * np.mean((confidence >= 0.5) & ~right),
            'refused_percent': 100 * np.mean([not r.result.status.ok for r in rows]),
        }
        turning = [r for r in rows if r.symmetry != 1]
        if turning:
            numbers['symmetric_all_yaws_listed_percent'] = 100 * np.mean([r.lists_all() for r in turning])
        numbers['wrong_yaw_listed_percent'] = 100 * np.mean([r.lists_wrong() for r in rows])
    return {name: round(float(value), 3) for name, value in numbers.items()}


def reliability(rows: list, edges=(0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 1.0001)) -> list[tuple]:
    """Return (from, to, pairs, mean confidence, share right) per bin of confidence."""
    right = np.array([r.within(0.02, 10.0) for r in rows])
    confidence = np.array([r.result.confidence for r in rows])
    table = []
    for low, high in itertools.pairwise(edges):
        inside = (confidence >= low) & (confidence < high)
        if inside.any():
            table.append((low, min(high, 1.0), int(inside.sum()), confidence[inside].mean(), right[inside].mean()))
    return table


def draw_worst(rows: list, path: Path) -> None:
    """Draw the ten worst pairs: demo points moved onto the live picture."""
    import matplotlib

    matplotlib.use('Agg')
    from matplotlib import pyplot

    worst = sorted(rows, key=lambda r: -(r.distance / 0.02 + r.degrees / 10.0))[:10]
    figure, axes = pyplot.subplots(2, 10, figsize=(24, 6))
    for (top, bottom), row in zip(axes.T, worst, strict=False):
        pair = make_pair(row.category, row.kind, row.seed)
        points = row.result.transfer(view_of(pair.demo).points_base())
        camera = se3.transform_points(se3.inverse(pair.live.T_base_camera), points)
        pixels = camera[:, :2] / camera[:, 2:] * K[0, 0] + K[:2, 2]
        for axis, picture in ((top, pair.demo), (bottom, pair.live)):
            v, u = np.nonzero(picture.mask)
            inside = picture.depth_m[picture.mask]
            axis.imshow(picture.depth_m, cmap='gray', vmin=np.nanmin(inside), vmax=np.nanmax(inside) + 0.05)
            axis.set_xlim(u.min() - 40, u.max() + 40)
            axis.set_ylim(v.max() + 40, v.min() - 40)
            axis.axis('off')
        bottom.plot(*pixels.T, ',r')
        top.set_title(f'{row.category} {row.kind} {row.seed}')
        bottom.set_title(f'{row.distance * 1e3:.0f} mm {row.degrees:.0f} deg, conf {row.result.confidence:.2f}')
    figure.tight_layout()
    figure.savefig(path, dpi=60)


def coverage(rows: list) -> list[tuple[float, float, float]]:
    """Return (share kept, least confidence kept, share right) for the most confident pairs."""
    ordered = sorted(rows, key=lambda r: -r.result.confidence)
    table = []
    for share in (1.0, 0.95, 0.9, 0.8, 0.7, 0.5):
        kept = ordered[: max(1, int(share * len(ordered)))]
        table.append((share, kept[-1].result.confidence, float(np.mean([r.within(0.02, 10.0) for r in kept]))))
    return table


def draw_reliability(rows: list, path: Path) -> None:
    """Draw how often each confidence was right."""
    import matplotlib

    matplotlib.use('Agg')
    from matplotlib import pyplot

    figure, axis = pyplot.subplots(figsize=(5, 4))
    axis.plot([0, 1], [0, 1], color='0.7', label='perfect')
    table = reliability(rows)
    axis.scatter([t[3] for t in table], [t[4] for t in table], s=[20 + 2 * t[2] for t in table], label='bins, by size')
    axis.set(xlabel='confidence', ylabel='share right (2 cm & 10 degrees)', xlim=(0, 1.02), ylim=(0, 1.02))
    axis.legend(loc='upper left')
    figure.tight_layout()
    figure.savefig(path, dpi=70)


def markdown(table: dict[str, dict[str, dict]], rows: dict, machine: dict, about: str) -> str:
    """Return the report; `about` is what the pairs are."""
    lines = ['# Alignment', '', *about.split('\n\nRun it')[0].splitlines()[2:], '']
    lines += [f'- {key}: {value}' for key, value in machine.items()]
    lines += [
        '',
        '| method | pairs | 5 mm & 3° | 1 cm & 5° | 2 cm & 10° | median ms | 95 % ms | AUROC | right at 80 % |',
    ]
    lines += ['|---|---|---|---|---|---|---|---|---|']
    for method, kinds in table.items():
        for kind, n in kinds.items():
            doubt = [n.get('confidence_auroc', float('nan')), n.get('right_at_80_percent_coverage', float('nan'))]
            shown = ['' if np.isnan(x) else f'{x:.{d}f}' for x, d in zip(doubt, (3, 1), strict=False)]
            shares = ' | '.join(f'{n[f"within_{name}_percent"]:.1f} %' for name, _, _ in LIMITS)
            lines.append(
                f'| {method}, {(NAMES | EXTRA)[kind]} | {n["pairs"]:.0f} | {shares} | {n["align_median_ms"]:.0f} '
                f'| {n["align_p95_ms"]:.0f} | {shown[0]} | {shown[1]} |'
            )
    lines += ['', '## Confidence against truth (within 2 cm & 10°)', '']
    lines += ['| pairs of | confidence | pairs | mean confidence | right |', '|---|---|---|---|---|']
    for kind, of_kind in rows.items():
        for low, high, count, mean, right in reliability(of_kind):
            lines.append(f'| {(NAMES | EXTRA)[kind]} | {low:.2f} to {high:.2f} | {count} | {mean:.2f} | {right:.2f} |')
    lines += [
        '',
        '## Kept when the least confident are refused',
        '',
        '| pairs of | kept | confidence at least | right |',
    ]
    lines += ['|---|---|---|---|']
    for kind in NAMES:
        for share, least, right in coverage(rows[kind]):
            lines.append(f'| {NAMES[kind]} | {share:.0%} | {least:.2f} | {right:.1%} |')
    own = next(iter(table.values()))
    lines += [
        '',
        '## Doubt',
        '',
        '| | ' + ' | '.join((NAMES | EXTRA)[k] for k in own) + ' |',
        '|---' * (len(own) + 1) + '|',
    ]
    for name in (
        'confident_and_wrong_percent',
        'refused_percent',
        'symmetric_all_yaws_listed_percent',
        'wrong_yaw_listed_percent',
    ):
        lines.append(f'| {name.replace("_", " ")} | ' + ' | '.join(str(n.get(name, '')) for n in own.values()) + ' |')
    lines += ['', 'Confident: 0.5 or more.', '']
    lines += [
        '## Where it fails (not within 2 cm & 10°)',
        '',
        '| category | same instance | novel instance |',
        '|---|---|---|',
    ]
    for category in CATEGORIES:
        cells = []
        for kind in NAMES:
            of = [r for r in rows.get(kind, []) if r.category == category]
            wrong = sum(not r.within(0.02, 10.0) for r in of)
            cells.append(f'{wrong} of {len(of)}' if wrong else '')
        if any(cells):
            lines.append(f'| {category} | {" | ".join(cells)} |')
    unknowable = [r for kind in NAMES for r in rows.get(kind, []) if not r.knowable]
    lines += [
        '',
        '## Pairs whose yaw the pictures do not tell',
        '',
        f'{len(unknowable)} of {sum(len(rows.get(kind, [])) for kind in NAMES)}: turns over 20 degrees apart are '
        'allowed by pictures without noise of the true shapes (`alignment_knowable.py`); counted as wrong in the lines '
        'without "yaw knowable".',
        '',
        '| category | instances | seed | error | confidence |',
        '|---|---|---|---|---|',
    ]
    for r in unknowable:
        lines.append(
            f'| {r.category} | {NAMES[r.kind]} | {r.seed} | {1e3 * r.distance:.0f} mm, {r.degrees:.0f}° '
            f'| {r.result.confidence:.2f} |'
        )
    split = {'clutter': lambda r: r.clutter, 'no clutter': lambda r: not r.clutter}
    split |= {'moved camera': lambda r: r.moved, 'same camera': lambda r: not r.moved}
    lines += [
        '',
        '## Conditions (within 2 cm & 10°)',
        '',
        '| condition | same instance | novel instance |',
        '|---|---|---|',
    ]
    for name, test in split.items():
        cells = []
        for kind in NAMES:
            of = [r for r in rows.get(kind, []) if test(r)]
            cells.append(f'{100 * np.mean([r.within(0.02, 10.0) for r in of]):.1f} % of {len(of)}' if of else '')
        lines.append(f'| {name} | {" | ".join(cells)} |')
    return '\n'.join(lines) + '\n'
