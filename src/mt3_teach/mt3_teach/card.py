"""The card of a library: what it holds, as Markdown that a person reads before using it."""

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mt3_retrieval.library import Record

__all__ = ['library_card']


def library_card(records: 'list[Record]', name: str) -> str:
    """Return the card: tasks, skills, objects, robots, cameras, dates, operators, success rates, licences."""
    lines = [f'# Demonstrations: {name}', '']
    if not records:
        return '\n'.join([*lines, 'Empty.', ''])
    dates = sorted(record.recorded_at for record in records)
    simulated = sum(record.simulated for record in records)
    known = [record.success for record in records if record.success is not None]
    success = f'{sum(known)} of {len(known)} whose outcome is known' if known else 'not recorded'
    seconds = sum(record.duration_s for record in records)
    facts = {
        'Demonstrations': f'{len(records)} ({len(records) - simulated} real, {simulated} simulated)',
        'Interactions': f'{seconds:.0f} s in all, {seconds / len(records):.1f} s each',
        'Recorded': f'{dates[0]:%Y-%m-%d} to {dates[-1]:%Y-%m-%d}',
        'Successful': success,
        'Robots': _counts(record.robot for record in records),
        'Cameras': _counts(record.provenance.get('camera', '') for record in records),
        'Operators': _counts(record.provenance.get('operator', '') for record in records),
        'Licences': _counts(record.provenance.get('licence', '') for record in records),
        'Formats': _counts(record.provenance.get('format', 'bag') for record in records),
        'Skills': _counts(record.skill for record in records),
        'Objects': _counts(record.target for record in records),
    }
    lines += ['| | |', '|---|---|', *(f'| {what} | {_cell(value)} |' for what, value in facts.items()), '']
    lines += ['## Tasks', '', '| task | demonstrations | real |', '|---|---|---|']
    tasks = Counter(record.task for record in records)
    real = Counter(record.task for record in records if not record.simulated)
    lines += [f'| {_cell(task)} | {count} | {real[task]} |' for task, count in sorted(tasks.items())]
    return '\n'.join([*lines, ''])


def _counts(values: Iterable[str]) -> str:
    return ', '.join(f'{value or "not recorded"} {count}' for value, count in Counter(values).most_common())


def _cell(text: str) -> str:
    return text.replace('|', '\\|').replace('\n', ' ')
