"""Tables of a run, for the terminal and as one HTML page."""

import html
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from mt3_sim.bench.pictures import NAMES, thumbnail
from mt3_sim.bench.runner import chunks
from mt3_sim.bench.splits import SPLITS
from mt3_sim.bench.statistics import wilson

__all__ = ['markdown', 'rate', 'tables', 'write_html']

Table = tuple[str, list[str], list[list[str]]]
"""Title, heads, rows."""

_SHOWN = 40  # failures that the report names
_BINS = (0.0, 0.35, 0.6, 0.8, 0.9, 0.95, 1.0001)

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>MT3 task benchmark</title><style>
body {{ font: 15px/1.5 system-ui, sans-serif; color: #1d2733; background: #f5f7f9; margin: 0 }}
main {{ max-width: 1080px; margin: 0 auto; padding: 2rem 1.25rem 4rem }}
h1 {{ margin: 0 }} h2 {{ margin: 2.2rem 0 .6rem; font-size: 1.15rem }} p {{ color: #5b6875 }}
table {{ border-collapse: collapse; background: #fff; width: 100% }}
th, td {{ text-align: left; padding: .35rem .7rem; border: 1px solid #dfe4ea; font-size: .9rem; vertical-align: top }}
th {{ background: #eef2f5 }}
figure {{ margin: 0 0 1.4rem; padding: .8rem; background: #fff; border: 1px solid #dfe4ea }}
figure div {{ display: grid; grid-template-columns: repeat(3, 1fr); gap: .6rem }}
img {{ width: 100% }} figcaption {{ font-size: .9rem; margin-bottom: .5rem }} small {{ color: #5b6875 }}
</style></head><body><main><h1>MT3 task benchmark</h1><p>{lead}</p>{body}</main></body></html>
"""


def rate(rows: Sequence[dict]) -> str:
    """Return successes of rows, with the 95 % Wilson interval."""
    done, total = sum(row['success'] for row in rows), len(rows)
    if not total:
        return '–'
    low, high = wilson(done, total)
    return f'{100 * done / total:.1f} % ({100 * low:.0f} to {100 * high:.0f}), {done} of {total}'


def tables(rows: Sequence[dict]) -> list[Table]:
    """Return every table of a run."""
    ours = [row for row in rows if row['method'] == 'ours' and row['demonstrations'] == 1]
    methods = list(dict.fromkeys(row['method'] for row in rows))
    result: list[Table] = [
        (
            'Success by method and split, 95 % Wilson interval',
            ['split', 'what it is', *methods],
            [
                [
                    split,
                    SPLITS[split].text,
                    *(rate([r for r in part if r['method'] == method]) for method in methods),
                ]
                for split, part in chunks([r for r in rows if r['demonstrations'] == 1], 'split')
            ],
        )
    ]
    if len(methods) > 1:
        heads = ['method', 'split', 'success', 'ours on the same scenes']
        body = [
            [method, split, rate(part), rate(_same_scenes(part, ours))]
            for method in methods
            if method != 'ours'
            for split, part in chunks([r for r in rows if r['method'] == method and r['demonstrations'] == 1], 'split')
        ]
        result.append(('Each method beside ours', heads, body))
    counts = sorted({row['demonstrations'] for row in rows})
    if len(counts) > 1:
        most = [row for row in rows if row['method'] == 'ours' and row['demonstrations'] == counts[-1]]
        body = [
            [split, *(rate(_same_scenes(part, [r for r in rows if r['demonstrations'] == count])) for count in counts)]
            for split, part in chunks(most, 'split')
        ]
        heads = ['split', *map(str, counts)]
        result.append(('Success by the number of demonstrations of each task, on the same scenes', heads, body))
    names = list(dict.fromkeys(row['split'] for row in ours))
    for key in ('skill', 'category'):
        body = [
            [value, *(rate([r for r in part if r['split'] == split]) for split in names)]
            for value, part in sorted(chunks(ours, key), key=lambda item: np.mean([r['success'] for r in item[1]]))
        ]
        result.append((f'By {key}, worst first', [key, *names], body if key == 'skill' else body[:25]))
    failed = [row for row in ours if not row['success']]
    stages = Counter(row['stage'] for row in failed)
    body = [
        [stage, str(count), f'{100 * count / max(1, len(ours)):.1f} %', _example(failed, stage)]
        for stage, count in stages.most_common()
    ]
    result.append(('Failures by stage', ['stage', 'rollouts', 'share of all', 'for example'], body))
    body = [
        [f'mt3 bench show "{r["task"]}" --split "{r["split"]}" --seed {r["seed"]}', r['stage'], r['reason']]
        for r in failed[:_SHOWN]
    ]
    result.append(('Failures, and the commands that show them', ['command', 'stage', 'reason'], body))
    body = []
    for low, high in pairwise(_BINS):
        part = [r for r in ours if r['confidence'] is not None and low <= r['confidence'] < high]
        if part:
            body.append([f'{low:.2f} to {min(high, 1.0):.2f}', rate(part)])
    result.append(('Success against the confidence of the alignment', ['confidence', 'success'], body))
    body = [
        [name, f'{np.median([r[key] for r in ours]):.2f}', f'{np.percentile([r[key] for r in ours], 95):.2f}']
        for name, key in (
            ('look', 'perceive_s'),
            ('retrieve', 'retrieve_s'),
            ('plan', 'plan_s'),
            ('physics (its own seconds)', 'physics_s'),
            ('all of it', 'total_s'),
        )
        if ours
    ]
    result.append(('Seconds of the computer per rollout', ['step', 'median', '95 %'], body))
    return result


def _same_scenes(part: Sequence[dict], rows: Sequence[dict]) -> list[dict]:
    """Return the rows of our method whose scenes are among those of a part."""
    scenes = {(row['task'], row['split'], row['seed']) for row in part}
    return [row for row in rows if row['method'] == 'ours' and (row['task'], row['split'], row['seed']) in scenes]


def write_html(rows: Sequence[dict], folder: Path, lead: str = '', shown: Sequence[tuple[dict, Path]] = ()) -> Path:
    """Write `report.html` and return its path.

    Args:
        rows: Of the run.
        folder: Where it goes.
        lead: First sentence.
        shown: Rows that were done again, and the folders of their pictures.
    """
    parts = []
    for title, heads, body in tables(rows):
        head = ''.join(f'<th>{html.escape(h)}</th>' for h in heads)
        lines = ''.join('<tr>' + ''.join(f'<td>{html.escape(c)}</td>' for c in line) + '</tr>' for line in body)
        parts.append(f'<h2>{html.escape(title)}</h2><table><tr>{head}</tr>{lines}</table>')
    if shown:
        figures = ''.join(_figure(row, pictures) for row, pictures in shown)
        parts.insert(1, f'<h2>Failures of the worst categories</h2>{figures}')
    path = Path(folder) / 'report.html'
    path.write_text(_PAGE.format(lead=html.escape(lead), body=''.join(parts)), encoding='utf-8')
    return path


def _figure(row: dict, pictures: Path) -> str:
    found = [(text, pictures / f'{name}.png') for name, text in NAMES.items()]
    cells = ''.join(
        f'<span><img alt="{text}" src="{thumbnail(path)}"><small>{text}</small></span>'
        for text, path in found
        if path.exists()
    )
    end = 'done this time' if row['success'] else row['stage']
    caption = f'<b>{html.escape(row["task"])}</b>, {row["split"]} {row["seed"]}, {end}: {html.escape(row["reason"])}'
    return f'<figure><figcaption>{caption}</figcaption><div>{cells}</div></figure>'


def markdown(rows: Sequence[dict], limit: int) -> str:
    """Return the tables as Markdown, of each at most `limit` lines."""
    parts = []
    for title, heads, body in tables(rows):
        lines = ['| ' + ' | '.join(heads) + ' |', '|' + '---|' * len(heads)]
        lines += ['| ' + ' | '.join(cell.replace('|', '/') for cell in line) + ' |' for line in body[:limit]]
        more = [f'... and {len(body) - limit} more'] if len(body) > limit else []
        parts.append('\n'.join([f'## {title}', '', *lines, *more]))
    return '\n\n'.join(parts) + '\n'


def _example(failed: Sequence[dict], stage: str) -> str:
    row = next(r for r in failed if r['stage'] == stage)
    return f'{row["task"]}, {row["split"]} {row["seed"]}: {row["reason"]}'
