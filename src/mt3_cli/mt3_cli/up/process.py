"""One process to start, and the command line that a `node` element becomes."""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

__all__ = ['NodeSpec', 'ProcessSpec', 'write_parameters']


@dataclass(frozen=True)
class ProcessSpec:
    """A command, its name in the output, and whether its end ends everything (`on_exit="shutdown"`)."""

    name: str
    command: tuple[str, ...]
    required: bool = False
    cwd: str | None = None
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class NodeSpec:
    """A ROS node as launch XML describes it."""

    path: str
    name: str = ''
    namespace: str = ''
    arguments: tuple[str, ...] = ()
    ros_arguments: tuple[str, ...] = ()
    parameters: tuple[str | dict[str, Any], ...] = ()  # files, and values given in the XML, in their order
    remappings: tuple[tuple[str, str], ...] = ()

    def command(self, scratch: Path) -> tuple[str, ...]:
        """Return the command line; values given in the XML go into parameter files in `scratch`."""
        words = [self.path, *self.arguments, '--ros-args', *self.ros_arguments]
        if self.name:
            words += ['-r', f'__node:={self.name}']
        if self.namespace:
            words += ['-r', f'__ns:={"/" + self.namespace.lstrip("/")}']
        for parameters in self.parameters:
            file = parameters if isinstance(parameters, str) else write_parameters(parameters, scratch)
            words += ['--params-file', file]
        for source, target in self.remappings:
            words += ['-r', f'{source}:={target}']
        return tuple(words)


class _Dumper(yaml.SafeDumper):
    """Quotes every string: rcl reads YAML 1.1, where a bare y, on or no is a truth value."""


_Dumper.add_representer(str, lambda dumper, text: dumper.represent_scalar('tag:yaml.org,2002:str', text, style='"'))


def write_parameters(values: dict[str, Any], scratch: Path) -> str:
    """Write a ROS parameter file for whatever node reads it; return its path."""
    content = yaml.dump({'/**': {'ros__parameters': values}}, Dumper=_Dumper)
    with tempfile.NamedTemporaryFile('w', dir=scratch, prefix='parameters-', suffix='.yaml', delete=False) as file:
        file.write(content)
    return file.name
