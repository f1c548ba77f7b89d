"""What happened in a demo, as plain data: the terminal table and the report are drawn from it."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

__all__ = ['DemoRecord', 'Execution', 'Lesson']


@dataclass
class Lesson:
    """One demonstration that was taught.

    Paths are relative to the run's folder. `findings` are the linter's sentences.
    """

    family: str
    task: str
    ok: bool
    message: str = ''
    demonstration_id: str = ''
    bag: str = ''
    video: str = ''
    picture: str = ''
    seconds: dict[str, float] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)


@dataclass
class Execution:
    """One task carried out with the object somewhere else.

    Attributes:
        task: The words given to the stack (not the taught ones).
        instance: 'taught' or 'novel'.
        ok: The simulated cell's verdict, from the true state of the physics.
        claimed: What the executor itself believes.
        reason: Why it failed, or what the verdict rests on.
        moved_mm, turned_deg: How the stack says the object moved since the demonstration.
        phases: Seconds per phase.
    """

    family: str
    task: str
    instance: str
    seed: int
    ok: bool
    claimed: bool = False
    status: str = ''
    reason: str = ''
    demonstration_id: str = ''
    confidence: float = 0.0
    ambiguous: bool = False
    moved_mm: float = 0.0
    turned_deg: float = 0.0
    attempts: int = 0
    phases: dict[str, float] = field(default_factory=dict)
    overlay: str = ''
    video: str = ''
    folder: str = ''


@dataclass
class DemoRecord:
    """A whole demo."""

    started: str
    seed: int
    lessons: list[Lesson] = field(default_factory=list)
    executions: list[Execution] = field(default_factory=list)
    seconds: float = 0.0
    machine: str = ''

    def rate(self, instance: str) -> tuple[int, int]:
        """Return (successes, rounds) among the executions with 'taught' or 'novel' instances."""
        chosen = [e for e in self.executions if e.instance == instance]
        return sum(e.ok for e in chosen), len(chosen)

    def save(self, path: Path) -> None:
        """Write it as JSON."""
        path.write_text(json.dumps(asdict(self), indent=2), encoding='utf-8')

    @classmethod
    def load(cls, path: Path) -> 'DemoRecord':
        """Read what `save` wrote."""
        values = json.loads(path.read_text(encoding='utf-8'))
        values['lessons'] = [Lesson(**lesson) for lesson in values['lessons']]
        values['executions'] = [Execution(**execution) for execution in values['executions']]
        return cls(**values)
