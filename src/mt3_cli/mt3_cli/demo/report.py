"""Draws `report.html` from a demo's record: what was taught, what was done, what it looked like."""

from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from mt3_cli.demo.record import DemoRecord, Execution

__all__ = ['PHASES', 'write_report']

PHASES = {  # phase of ExecuteTask: (colour of its bar, what it means)
    'perceive': ('#8ecae6', 'look'),
    'retrieve': ('#219ebc', 'find the demonstration and align it'),
    'plan': ('#ffb703', 'plan and check the whole motion'),
    'approach': ('#90be6d', 'move to the bottleneck'),
    'interact': ('#43aa8b', 'replay the demonstration'),
    'verify': ('#adb5bd', 'check the outcome'),
    'recover': ('#f94144', 'recover'),
}


def write_report(record: DemoRecord, folder: Path) -> Path:
    """Write `report.html` into the run's folder, which must hold the pictures that the record names."""
    environment = Environment(loader=PackageLoader('mt3_cli.demo'), autoescape=True, undefined=StrictUndefined)
    environment.filters['percent'] = lambda pair: f'{100 * pair[0] / pair[1]:.0f}%' if pair[1] else '–'
    html = environment.get_template('report.html.j2').render(
        record=record,
        phases=PHASES,
        tasks=[(lesson, _of(record, lesson.family)) for lesson in record.lessons],
        longest_s=max((sum(e.phases.values()) for e in record.executions), default=1.0) or 1.0,
    )
    path = folder / 'report.html'
    path.write_text(html, encoding='utf-8')
    return path


def _of(record: DemoRecord, family: str) -> list[Execution]:
    return [e for e in record.executions if e.family == family]
