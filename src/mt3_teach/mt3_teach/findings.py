"""What the linter says."""

from dataclasses import dataclass
from enum import IntEnum

__all__ = ['Finding', 'Severity', 'errors_of']


class Severity(IntEnum):
    """As in mt3_interfaces/LintFinding. An ERROR keeps a demonstration out of the library unless forced."""

    INFO = 0
    WARNING = 1
    ERROR = 2


@dataclass(frozen=True)
class Finding:
    """One finding.

    Attributes:
        severity: How bad.
        name: Stable name of the rule, e.g. `tcp_jump`.
        message: What, where, and how to mend it.
    """

    severity: Severity
    name: str
    message: str

    def __str__(self) -> str:
        return f'{self.severity.name.lower()} {self.name}: {self.message}'


def errors_of(findings: list[Finding]) -> list[Finding]:
    """Return the findings that keep a demonstration out."""
    return [f for f in findings if f.severity == Severity.ERROR]
