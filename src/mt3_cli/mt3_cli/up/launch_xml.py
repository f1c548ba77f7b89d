"""Reads launch XML into the processes that it names."""

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from lxml import etree

from mt3_cli.up.prefix import executable
from mt3_cli.up.process import NodeSpec, ProcessSpec
from mt3_cli.up.substitutions import substitute
from mt3_common.errors import InvalidInput

__all__ = ['Argument', 'LaunchFile', 'load']

_TRUE, _FALSE = {'true', '1'}, {'false', '0'}
_TYPES: dict[str, Callable[[str], Any]] = {
    'str': str,
    'int': int,
    'float': float,
    'bool': lambda text: _truth(text),
    'yaml': yaml.safe_load,
}


@dataclass(frozen=True)
class Argument:
    """A declared argument; `default` None means that it must be given."""

    name: str
    default: str | None
    description: str


@dataclass
class LaunchFile:
    """What a launch file declares and starts."""

    arguments: list[Argument] = field(default_factory=list)
    processes: list[ProcessSpec] = field(default_factory=list)


def load(path: Path, given: Mapping[str, str], scratch: Path, *, arguments_only: bool = False) -> LaunchFile:
    """Read a launch file and those it includes.

    Args:
        given: Values for its arguments.
        scratch: Folder for parameter files made on the way.
        arguments_only: Stop at the declared arguments: nothing needs to be given or installed.

    Raises:
        InvalidInput: What cannot be read or is not in the subset; names file, element and line.
    """
    result = LaunchFile()
    root = _parse(path)
    declared = [element for element in root if element.tag == 'arg']
    names = {element.get('name') for element in declared}
    if unknown := sorted(set(given) - names):
        raise InvalidInput(f'{path.name} has no argument {", ".join(unknown)}; it has {", ".join(sorted(names))}')
    result.arguments = [Argument(e.get('name'), e.get('default'), e.get('description', '')) for e in declared]
    if not arguments_only:
        _Reader(path, scratch, result.processes, {}).read(root, dict(given))
        _number_names(result.processes)
    return result


class _Reader:
    """Walks one file; an included file gets a reader of its own."""

    def __init__(self, file: Path, scratch: Path, processes: list[ProcessSpec], environment: dict[str, str]) -> None:
        self._file, self._scratch, self._processes, self._environment = file, scratch, processes, environment

    def read(self, parent: etree._Element, variables: dict[str, str]) -> None:
        """Read the children of `launch` or `group`; `variables` changes as they are read."""
        for element in parent:
            if not isinstance(element.tag, str):  # a comment
                continue
            handler = getattr(self, '_on_' + element.tag.replace('-', '_'), None)
            if handler is None:
                raise self._error(
                    element, 'unknown element; known: arg, let, group, include, node, executable, set_env'
                )
            attributes = self._attributes(element, variables)
            if _wanted(attributes, lambda message, element=element: self._error(element, message)):
                handler(element, attributes, variables)

    def _on_arg(self, element: etree._Element, attributes: dict[str, str], variables: dict[str, str]) -> None:
        self._only(element, {'name', 'default', 'description'}, needs={'name'})
        name = attributes['name']
        if name not in variables:
            if 'default' not in attributes:
                raise self._error(element, f'argument {name} has no default: give {name}:=VALUE')
            variables[name] = attributes['default']

    def _on_let(self, element: etree._Element, attributes: dict[str, str], variables: dict[str, str]) -> None:
        self._only(element, {'name', 'value'}, needs={'name', 'value'})
        variables[attributes['name']] = attributes['value']

    def _on_set_env(self, element: etree._Element, attributes: dict[str, str], variables: dict[str, str]) -> None:
        self._only(element, {'name', 'value'}, needs={'name', 'value'})
        self._environment[attributes['name']] = attributes['value']

    def _on_group(self, element: etree._Element, attributes: dict[str, str], variables: dict[str, str]) -> None:
        self._only(element, {'scoped'})
        scoped = _truth(attributes.get('scoped', 'true'))
        inner = _Reader(self._file, self._scratch, self._processes, dict(self._environment)) if scoped else self
        inner.read(element, dict(variables) if scoped else variables)

    def _on_include(self, element: etree._Element, attributes: dict[str, str], variables: dict[str, str]) -> None:
        self._only(element, {'file'}, needs={'file'}, children={'arg'})
        inner = dict(variables)
        for child in self._children(element, 'arg'):
            self._only(child, {'name', 'value'}, needs={'name', 'value'})
            values = self._attributes(child, variables)
            inner[values['name']] = values['value']
        file = Path(attributes['file'])
        if not file.exists():
            raise self._error(element, f'{file} does not exist')
        _Reader(file, self._scratch, self._processes, dict(self._environment)).read(_parse(file), inner)

    def _on_executable(self, element: etree._Element, attributes: dict[str, str], variables: dict[str, str]) -> None:
        self._only(element, {'cmd', 'cwd', 'name', 'output', 'on_exit'}, needs={'cmd'}, children={'env'})
        command = tuple(shlex.split(attributes['cmd']))
        self._add(element, attributes, variables, attributes.get('name', Path(command[0]).name), command)

    def _on_node(self, element: etree._Element, attributes: dict[str, str], variables: dict[str, str]) -> None:
        known = {'pkg', 'exec', 'name', 'namespace', 'args', 'ros_args', 'output', 'on_exit', 'cwd', 'launch-prefix'}
        self._only(element, known, needs={'pkg', 'exec'}, children={'param', 'remap', 'env'})
        try:
            path = executable(attributes['pkg'], attributes['exec'])
        except InvalidInput as error:
            raise self._error(element, str(error)) from error
        remappings = []
        for child in self._children(element, 'remap'):
            self._only(child, {'from', 'to'}, needs={'from', 'to'})
            values = self._attributes(child, variables)
            remappings.append((values['from'], values['to']))
        node = NodeSpec(
            path=path,
            name=attributes.get('name', ''),
            namespace=attributes.get('namespace', ''),
            arguments=tuple(shlex.split(attributes.get('args', ''))),
            ros_arguments=tuple(shlex.split(attributes.get('ros_args', ''))),
            parameters=tuple(self._parameter(child, variables) for child in self._children(element, 'param')),
            remappings=tuple(remappings),
        )
        command = (*shlex.split(attributes.get('launch-prefix', '')), *node.command(self._scratch))
        self._add(element, attributes, variables, attributes.get('name') or attributes['exec'], command)

    def _parameter(self, element: etree._Element, variables: dict[str, str]) -> str | dict[str, Any]:
        """Return the file of <param from=...>, or the value of <param name=... value=...> (nested: <param> inside)."""
        attributes = self._attributes(element, variables)
        if 'from' in attributes:
            self._only(element, {'from'})
            if not Path(attributes['from']).exists():
                raise self._error(element, f'parameter file {attributes["from"]} does not exist')
            return attributes['from']
        self._only(element, {'name', 'value', 'type'}, needs={'name'}, children={'param'})
        nested = self._children(element, 'param')
        if bool(nested) == ('value' in attributes):
            raise self._error(element, 'needs either a value or nested param elements')
        if nested:
            inner: dict[str, Any] = {}
            for child in nested:
                inner.update(self._parameter(child, variables))
            return {attributes['name']: inner}
        kind = attributes.get('type', 'yaml')
        if kind not in _TYPES:
            raise self._error(element, f'type {kind!r} is unknown; known: {", ".join(_TYPES)}')
        try:
            return {attributes['name']: _TYPES[kind](attributes['value'])}
        except (ValueError, yaml.YAMLError) as error:
            raise self._error(element, f'value {attributes["value"]!r} is not of type {kind}') from error

    def _add(
        self,
        element: etree._Element,
        attributes: dict[str, str],
        variables: dict[str, str],
        name: str,
        command: tuple[str, ...],
    ) -> None:
        if attributes.get('on_exit', 'shutdown') != 'shutdown':
            raise self._error(element, f'on_exit must be "shutdown": got {attributes["on_exit"]!r}')
        environment = dict(self._environment)
        for child in self._children(element, 'env'):
            self._only(child, {'name', 'value'}, needs={'name', 'value'})
            values = self._attributes(child, variables)
            environment[values['name']] = values['value']
        spec = ProcessSpec(name, command, 'on_exit' in attributes, attributes.get('cwd'), environment)
        self._processes.append(spec)

    def _attributes(self, element: etree._Element, variables: Mapping[str, str]) -> dict[str, str]:
        try:
            return {name: substitute(value, variables, self._file) for name, value in element.attrib.items()}
        except InvalidInput as error:
            raise self._error(element, str(error)) from error

    def _children(self, element: etree._Element, tag: str) -> list[etree._Element]:
        return [child for child in element if child.tag == tag]

    def _only(
        self,
        element: etree._Element,
        known: set[str],
        *,
        needs: set[str] = frozenset(),
        children: set[str] = frozenset(),
    ) -> None:
        """Refuse attributes and (except in a group) children that are not in the subset."""
        if element.tag not in ('param', 'remap', 'env') and not (element.tag == 'arg' and 'default' not in known):
            known = known | {'if', 'unless'}  # a condition is for actions, not for their parts
        if unknown := sorted(set(element.attrib) - known):
            raise self._error(element, f'unknown attribute {", ".join(unknown)}; known: {", ".join(sorted(known))}')
        if missing := sorted(needs - set(element.attrib)):
            raise self._error(element, f'needs the attribute {", ".join(missing)}')
        if element.tag != 'group':
            for child in element:
                if isinstance(child.tag, str) and child.tag not in children:
                    raise self._error(child, f'unknown element inside {element.tag}')

    def _error(self, element: etree._Element, message: str) -> InvalidInput:
        return InvalidInput(f'{self._file}, line {element.sourceline}, <{element.tag}>: {message}')


def _parse(path: Path) -> etree._Element:
    try:
        root = etree.parse(str(path)).getroot()
    except OSError as error:
        raise InvalidInput(f'launch file {path} cannot be read: {error}') from error
    except etree.XMLSyntaxError as error:
        raise InvalidInput(f'{path}, line {error.lineno}: not XML: {error.msg}') from error
    if root.tag != 'launch':
        raise InvalidInput(f'{path}, line {root.sourceline}: the outermost element must be <launch>, not <{root.tag}>')
    return root


def _wanted(attributes: Mapping[str, str], error: Callable[[str], InvalidInput]) -> bool:
    if 'if' in attributes and 'unless' in attributes:
        raise error('has both if and unless')
    try:
        if 'if' in attributes:
            return _truth(attributes['if'])
        return not _truth(attributes['unless']) if 'unless' in attributes else True
    except ValueError as problem:
        raise error(str(problem)) from problem


def _truth(text: str) -> bool:
    """Return a condition's value, spelt as launch allows."""
    word = text.strip().lower()
    if word not in _TRUE | _FALSE:
        raise ValueError(f'condition must be true, false, 1 or 0: got {text!r}')
    return word in _TRUE


def _number_names(processes: list[ProcessSpec]) -> None:
    """Give processes with the same name a number behind it, as the output is told apart by name."""
    seen: dict[str, int] = {}
    for index, process in enumerate(processes):
        seen[process.name] = seen.get(process.name, 0) + 1
        if seen[process.name] > 1:
            name = f'{process.name}-{seen[process.name]}'
            processes[index] = ProcessSpec(name, process.command, process.required, process.cwd, process.environment)
