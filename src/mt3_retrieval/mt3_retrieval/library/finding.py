"""What the library's linter says about its rows."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Literal

from mt3_retrieval.language import parse
from mt3_retrieval.library.schema import Record

__all__ = ['Finding', 'lint_records']


@dataclass(frozen=True)
class Finding:
    """One finding: how bad, which rule, which demonstration, and what to do."""

    severity: Literal['info', 'warning', 'error']
    name: str
    demonstration_id: str
    message: str


def lint_records(records: list[Record]) -> list[Finding]:
    """Return what is odd about demonstrations in view of each other, worst first."""
    findings: list[Finding] = []
    same: dict[tuple, list[Record]] = defaultdict(list)
    for r in records:
        parsed = parse(r.task)
        if not parsed.understood:
            findings.append(
                Finding('error', 'unknown_skill', r.id, f'task {r.task!r} is not understood: {parsed.problem}')
            )
        elif (r.skill, r.target) != (parsed.skill, parsed.target):
            findings.append(
                Finding(
                    'info',
                    'parse_changed',
                    r.id,
                    f'stored as {r.skill}({r.target}), task {r.task!r} now reads {parsed}; set the task again',
                )
            )
        if not r.descriptor.any():
            findings.append(
                Finding('error', 'no_shape', r.id, 'too few depth readings on the object to describe its shape')
            )
        if r.success is False:
            findings.append(Finding('warning', 'failed_demonstration', r.id, 'recorded as a failure; remove it?'))
        made = r.provenance.get('blended_from')  # of others, one of whose pictures it has
        same[
            (r.robot, r.simulated, made or r.provenance.get('source_sha256') or r.descriptor.tobytes(), r.task)
        ].append(r)
    for group in same.values():
        if len(group) > 1:
            first = min(group, key=lambda r: r.added_at)
            for r in group:
                if r is not first:
                    findings.append(
                        Finding('warning', 'duplicate', r.id, f'same recording and task as {first.id}; remove one')
                    )
    order = {'error': 0, 'warning': 1, 'info': 2}
    return sorted(findings, key=lambda f: (order[f.severity], f.name, f.demonstration_id))
