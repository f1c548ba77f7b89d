"""The whole stack for a test: all nodes and the simulated cell, from the launch file that users start."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mt3_cli.demo.stack import Stack
from mt3_cli.up.prefix import package_share
from mt3_common.domain import hold_domain

__all__ = ['running_stack']


@contextmanager
def running_stack(folder: Path, **arguments: str) -> Iterator[Stack]:
    """Run the stack in a ROS domain of its own, which this process joins meanwhile.

    Two whole stacks are too much for a small machine: whoever comes second waits.

    Args:
        folder: Library, runs, bags and the log go there.
        arguments: Of sim.launch.xml.
    """
    folders = {'library': folder / 'library', 'runs': folder / 'executions', 'bags': folder / 'bags'}
    given = {'real_time_factor': '1.0', **{name: str(path) for name, path in folders.items()}, **arguments}
    launch = package_share('mt3_bringup') / 'launch' / 'sim.launch.xml'
    with (Path(tempfile.gettempdir()) / 'mt3_stack_test.lock').open('w') as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        domain, handle = hold_domain()
        before = os.environ.get('ROS_DOMAIN_ID')
        os.environ['ROS_DOMAIN_ID'] = str(domain)
        try:
            with handle, Stack(launch, given, folder / 'nodes.log', domain) as stack:
                yield stack
        finally:
            os.environ.pop('ROS_DOMAIN_ID')
            if before is not None:
                os.environ['ROS_DOMAIN_ID'] = before
