"""What `mt3 teach import` says and draws about each bag, and at the end."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image
from rich.console import Console
from rich.markup import escape

if TYPE_CHECKING:
    from mt3_teach.batch import Outcome

__all__ = ['show_result', 'summary']


def show_result(console: Console, outcome: 'Outcome', *, stored: bool, brief: bool, picture: Path) -> None:
    """Print what a bag gave. Pictures are written for one bag, or for those of a dry run."""
    name = escape(outcome.path.name)
    if outcome.before:
        console.print(f'{name}: stored before', highlight=False)
    elif brief and outcome.refusal:
        console.print(f'[red]{name}[/]: {escape(outcome.refusal)}', highlight=False)
    for number, result in enumerate(outcome.results, 1):
        demo = result.demonstration
        words = f'"{escape(demo.task)}", {demo.interaction.duration_s:.1f} s of interaction'
        if not brief:
            for what, rule in result.rules.items():
                console.print(f'  {what}: {escape(rule)}', highlight=False)
        for finding in result.findings:
            console.print(f'  [yellow]{escape(str(finding))}[/]', highlight=False)
        if not brief or not stored:
            extra = '' if len(outcome.results) == 1 else f'-{number}'
            stem = f'{picture.stem}-{outcome.path.name}{extra}' if brief else f'{picture.stem}{extra}'
            target = picture.with_name(stem + (picture.suffix or '.png'))
            Image.fromarray(_side_by_side(result.pictures)).save(target)
            words += f'; picture: {target}'
        if not outcome.refusal:
            head = f'[green]stored[/] {demo.id[:8]}' if stored else 'not stored (dry run):'
            console.print(f'{head} {name}: {words}', highlight=False, soft_wrap=True)
        elif not brief:
            console.print(f'{words}', highlight=False, soft_wrap=True)


def summary(console: Console, outcomes: 'list[Outcome]', *, stored: bool) -> str:
    """Print the counts of several bags; return why the command failed, or nothing."""
    refused = [outcome for outcome in outcomes if outcome.refusal]
    before = sum(outcome.before for outcome in outcomes)
    if len(outcomes) > 1:
        count = sum(len(o.results) for o in outcomes if not o.refusal)
        verb = 'stored' if stored else 'would be stored'
        console.print(
            f'{count} demonstrations {verb}, {before} bags stored before, {len(refused)} refused', highlight=False
        )
        return f'{len(refused)} of {len(outcomes)} were refused, see above' if refused else ''
    return f'not stored: {refused[0].refusal}' if refused else ''


def _side_by_side(pictures: dict[str, np.ndarray]) -> np.ndarray:
    """Return the result, and beside it what there was to choose from where that is known."""
    return np.hstack([pictures[name] for name in ('overlay', 'objects') if name in pictures])
