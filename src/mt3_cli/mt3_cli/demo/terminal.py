"""What a person sees while the demo runs: one live line, one lasting line per finished step, a table at the end."""

import time
from types import TracebackType

from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from mt3_cli.demo.record import DemoRecord, Execution, Lesson

__all__ = ['DemoTerminal']


_WHICH = {'taught': 'same object', 'novel': 'another object'}


class DemoTerminal:
    """A context manager around the live display; everything goes to one console."""

    def __init__(self, steps: int, console: Console | None = None) -> None:
        self.console = console or Console()
        self._progress = Progress(
            SpinnerColumn(),
            BarColumn(bar_width=24),
            TextColumn('{task.completed:.0f}/{task.total:.0f}'),
            TimeElapsedColumn(),
            TextColumn('{task.description}'),
            console=self.console,
            transient=True,
        )
        self._task = self._progress.add_task('starting', total=steps)
        self._started = time.monotonic()

    def __enter__(self) -> 'DemoTerminal':
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def now(self, text: str) -> None:
        """Show what is being done."""
        self._progress.update(self._task, description=text)

    def say(self, text: str) -> None:
        """Print a lasting line."""
        self.console.print(text, highlight=False)

    def lesson(self, lesson: Lesson) -> None:
        """Print how the teaching went."""
        self._progress.advance(self._task)
        if lesson.ok:
            self.say(f'  [cyan]taught[/]  {lesson.task}  [dim]{_seconds(lesson.seconds)}[/]')
        else:
            self.say(f'  [red]not taught[/]  {lesson.task}: {lesson.message}')

    def execution(self, execution: Execution) -> None:
        """Print how one round went."""
        self._progress.advance(self._task)
        mark = '[green]done  [/]' if execution.ok else '[red]failed[/]'
        which = _WHICH.get(execution.instance, execution.instance).ljust(14)
        moved = (
            f'moved {execution.moved_mm / 10:.0f} cm, {execution.turned_deg:+.0f}°'
            if execution.demonstration_id
            else ''
        )
        tail = '' if execution.ok else f'\n          [red]{execution.reason}[/]'
        self.say(f'  {mark}  {which}  {execution.task}  [dim]{moved}[/]{tail}')

    def table(self, record: DemoRecord) -> None:
        """Print the closing table."""
        table = Table(title='What was done', title_justify='left', box=box.SIMPLE)
        for name in ('task', 'object', 'done'):
            table.add_column(name, no_wrap=name != 'task')
        for name in (*_PHASE_COLUMNS, 'all'):
            table.add_column(f'{name} s' if name == 'all' else name, justify='right', no_wrap=True)
        for e in record.executions:
            cells = [f'{e.phases[key]:.1f}' if key in e.phases else '–' for key in _PHASE_COLUMNS.values()]
            done = '[green]yes[/]' if e.ok else '[red]no[/]'
            which = 'same' if e.instance == 'taught' else 'another'
            table.add_row(e.task, which, done, *cells, f'{sum(e.phases.values()):.1f}')
        self.console.print(table)
        for e in record.executions:
            if not e.ok:
                self.console.print(f'  [red]not done[/]  {e.task}: {e.reason}\n', highlight=False, soft_wrap=True)
        same, novel = record.rate('taught'), record.rate('novel')
        taught = sum(lesson.ok for lesson in record.lessons)
        self.console.print(
            f'{taught} tasks taught once each; done: {same[0]} of {same[1]} with the same object, '
            f'{novel[0]} of {novel[1]} with another one of its kind; {record.seconds:.0f} s in all.',
            highlight=False,
        )


_PHASE_COLUMNS = {'look': 'perceive', 'find': 'retrieve', 'plan': 'plan', 'move': 'approach', 'act': 'interact'}


def _seconds(parts: dict[str, float]) -> str:
    return ', '.join(f'{name} {seconds:.1f} s' for name, seconds in parts.items())
