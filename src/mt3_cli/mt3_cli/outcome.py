"""Words and plain data for the result of one executed task."""

from typing import Any

import numpy as np

from mt3_common.errors import StatusCode

__all__ = ['PHASE_NAMES', 'outcome_as_dict', 'outcome_line', 'phases_of', 'status_text', 'turned_deg']

PHASE_NAMES = ('perceive', 'retrieve', 'plan', 'approach', 'interact', 'verify', 'recover')


def status_text(status: Any) -> str:
    """Return `CODE: sentence` of a Status message."""
    try:
        name = StatusCode(status.code).name
    except ValueError:
        name = f'code {status.code}'
    return f'{name}: {status.message}' if status.message else name


def phases_of(result: Any) -> dict[str, float]:
    """Return the seconds per phase of an ExecuteTask result."""
    return {timing.name: float(timing.seconds) for timing in result.phases}


def turned_deg(alignment: Any) -> float:
    """Return the yaw of an Alignment message in degrees, in (-180, 180]."""
    q = alignment.transform.rotation
    return float(np.degrees(np.arctan2(2.0 * (q.w * q.z + q.x * q.y), 1.0 - 2.0 * (q.y * q.y + q.z * q.z))))


def outcome_line(task: str, result: Any) -> str:
    """Return one rich-formatted line for a person, and one more for each earlier attempt."""
    seconds = sum(phases_of(result).values())
    before = ''.join(f'\n  attempt {line}' for line in result.history[:-1])
    if result.status.code == StatusCode.OK:
        checked = f' ({result.outcome})' if result.outcome else ''
        tries = f', at attempt {result.attempts}' if result.attempts > 1 else ''
        return f'[green]done[/] {task}{checked} in {seconds:.1f} s{tries}{before}'
    return f'[red]not done[/] {task}: {status_text(result.status)}{before}'


def outcome_as_dict(task: str, result: Any) -> dict[str, Any]:
    """Return the result as JSON-ready values; keys carry their units."""
    return {
        'task': task,
        'ok': result.status.code == StatusCode.OK,
        'status': StatusCode(result.status.code).name,
        'message': result.status.message,
        'demonstration_id': result.demonstration_id,
        'object_id': result.object_id,
        'confidence': round(float(result.alignment.confidence), 4),
        'turned_deg': round(turned_deg(result.alignment), 2),
        'attempts': result.attempts,
        'history': list(result.history),
        'outcome_checked': result.outcome_checked,
        'outcome_ok': result.outcome_ok,
        'outcome': result.outcome,
        'phases_s': {name: round(seconds, 4) for name, seconds in phases_of(result).items()},
        'run_directory': result.run_directory,
    }
