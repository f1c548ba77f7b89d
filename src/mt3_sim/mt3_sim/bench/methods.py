"""What is compared: the method, its bounds, and other ways to find the demonstration or the alignment.

Every method runs in the same scenes with the same perception, planning and execution; only what retrieval answers
differs.
"""

from collections.abc import Callable
from dataclasses import dataclass

from mt3_common.errors import InvalidInput
from mt3_sim.bench import answers, gicp
from mt3_sim.bench.answers import Choice, Truth

__all__ = ['METHODS', 'Method', 'get']


@dataclass(frozen=True)
class Method:
    """One way to do the tasks.

    Attributes:
        name: Of the method.
        text: What it is, for the report.
        choose: Makes its way to answer, knowing the truth if it is a bound.
        demonstration: Which demonstration is forced, empty: whichever retrieval finds.
        attempts: At most; 0 as the executor is configured.
        package: That it needs beside the project's own.
    """

    name: str
    text: str
    choose: Callable[[Truth], Choice]
    demonstration: Callable[[Truth], str] = lambda truth: ''
    attempts: int = 0
    package: str = ''

    def check(self) -> None:
        """Check that its package is there.

        Raises:
            InvalidInput: It is not installed.
        """
        if self.package and not gicp.installed():
            raise InvalidInput(
                f'the method {self.name!r} needs the package {self.package}, which is not installed; '
                'install the group `bench` of pyproject.toml, or leave the method away'
            )


METHODS = {
    method.name: method
    for method in (
        Method('ours', 'as the nodes run it', answers.plain),
        Method('no retries', 'ours, one attempt', answers.plain, attempts=1),
        Method(
            'gicp near true yaw',
            'reference style: 3 s of restarts of GICP, started within N(0, 10 degrees) of the true yaw',
            answers.gicp_restarts(True),
            attempts=1,
            package='small_gicp',
        ),
        Method(
            'gicp at yaw 0',
            'the same, started within N(0, 10 degrees) of no turn at all',
            answers.gicp_restarts(False),
            attempts=1,
            package='small_gicp',
        ),
        Method(
            'random demonstration',
            'ours with a random demonstration of the right skill',
            answers.plain,
            answers.random_of_skill,
        ),
        Method(
            'true alignment',
            'upper bound: the right demonstration moved by the true motion of its target',
            answers.true_alignment,
            answers.of_the_task,
        ),
        Method('nothing', 'lower bound: nothing moves', answers.plain),
    )
}
"""Every method, by name."""


def get(name: str) -> Method:
    """Return a method by its name.

    Raises:
        InvalidInput: No such method.
    """
    if name not in METHODS:
        raise InvalidInput(f'there is no method {name!r}; there are {", ".join(METHODS)}')
    return METHODS[name]
