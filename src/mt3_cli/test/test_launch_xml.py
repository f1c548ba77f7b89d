"""Reading launch XML: every element of the subset, and an error with its place for everything else."""

import textwrap

import pytest
import yaml

from mt3_cli.up import load
from mt3_common.errors import InvalidInput


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write launch files beside a fake installed package `pkg` with the executable `talker`."""
    prefix = tmp_path / 'prefix'
    marker = prefix / 'share/ament_index/resource_index/packages/pkg'
    marker.parent.mkdir(parents=True)
    marker.touch()
    talker = prefix / 'lib/pkg/talker'
    talker.parent.mkdir(parents=True)
    talker.write_text('#!/bin/sh\n')
    talker.chmod(0o755)
    monkeypatch.setenv('AMENT_PREFIX_PATH', str(prefix))

    def write(text, name='x.launch.xml'):
        path = tmp_path / name
        path.write_text(textwrap.dedent(text))
        return path

    return write


def _load(path, tmp_path, **given):
    return load(path, given, tmp_path)


def test_node_becomes_a_command_line(write, tmp_path):
    file = write("""\
        <launch>
          <arg name="rate" default="5.0" description="how often [Hz]"/>
          <node pkg="pkg" exec="talker" name="t" namespace="ns" args="--fast 'two words'" on_exit="shutdown">
            <param name="rate" value="$(var rate)"/>
            <param name="text" value="on" type="str"/>
            <param name="group"><param name="inner" value="[1, 2]"/></param>
            <remap from="a" to="/b"/>
          </node>
        </launch>""")
    (process,) = _load(file, tmp_path, rate='7.5').processes
    command = list(process.command)
    assert process.name == 't' and process.required
    assert command[1:4] == ['--fast', 'two words', '--ros-args']
    assert '__node:=t' in command and '__ns:=/ns' in command and 'a:=/b' in command
    values = {}
    for index, word in enumerate(command):
        if word == '--params-file':
            values.update(yaml.safe_load(open(command[index + 1]))['/**']['ros__parameters'])
    assert values == {'rate': 7.5, 'text': 'on', 'group': {'inner': [1, 2]}}


def test_strings_that_look_like_truth_are_quoted_for_rcl(write, tmp_path):
    file = write('<launch><node pkg="pkg" exec="talker"><param name="a" value="y" type="str"/></node></launch>')
    (process,) = _load(file, tmp_path).processes
    text = open(process.command[process.command.index('--params-file') + 1]).read()
    assert '"y"' in text  # rcl reads YAML 1.1, in which a bare y is true


def test_include_gets_its_arguments_and_keeps_its_own_scope(write, tmp_path):
    write(
        """\
        <launch>
          <arg name="name"/>
          <let name="leak" value="1"/>
          <node pkg="pkg" exec="talker" name="$(var name)"/>
        </launch>""",
        'inner.launch.xml',
    )
    file = write("""\
        <launch>
          <include file="$(dirname)/inner.launch.xml"><arg name="name" value="first"/></include>
          <include file="$(dirname)/inner.launch.xml"><arg name="name" value="first"/></include>
        </launch>""")
    assert [p.name for p in _load(file, tmp_path).processes] == ['first', 'first-2']


@pytest.mark.parametrize(('value', 'names'), [('true', ['a', 'c']), ('0', ['b'])])
def test_conditions_and_groups(write, tmp_path, value, names):
    file = write("""\
        <launch>
          <arg name="x" default="true"/>
          <node pkg="pkg" exec="talker" name="a" if="$(var x)"/>
          <node pkg="pkg" exec="talker" name="b" unless="$(var x)"/>
          <group if="$(var x)"><executable cmd="echo hello" name="c"/></group>
        </launch>""")
    assert [p.name for p in _load(file, tmp_path, x=value).processes] == names


def test_set_env_holds_for_what_follows_in_its_scope(write, tmp_path):
    file = write("""\
        <launch>
          <group>
            <set_env name="A" value="1"/>
            <executable cmd="true" name="in"><env name="B" value="2"/></executable>
          </group>
          <executable cmd="true" name="out"/>
        </launch>""")
    inside, outside = _load(file, tmp_path).processes
    assert inside.environment == {'A': '1', 'B': '2'} and outside.environment == {}


def test_environment_substitution_has_a_default(write, tmp_path, monkeypatch):
    monkeypatch.delenv('MT3_NOT_SET', raising=False)
    file = write('<launch><executable cmd="echo $(env MT3_NOT_SET fallback)"/></launch>')
    assert _load(file, tmp_path).processes[0].command == ('echo', 'fallback')


@pytest.mark.parametrize(
    ('body', 'line', 'words'),
    [
        ('<timer period="1"/>', 2, ['<timer>', 'unknown element']),
        ('<node pkg="pkg" exec="talker" respawn="true"/>', 2, ['respawn', 'unknown attribute']),
        ('<node pkg="pkg" exec="singer"/>', 2, ['singer', 'talker']),
        ('<node pkg="nowhere" exec="x"/>', 2, ['nowhere', 'not installed']),
        ('<node pkg="pkg"/>', 2, ['needs the attribute', 'exec']),
        ('<let name="a" value="$(eval 1+1)"/>', 2, ['eval', 'unknown substitution']),
        ('<let name="a" value="$(var b)"/>', 2, ['no such argument', 'b']),
        ('<arg name="needed"/>', 2, ['needed', 'no default']),
        ('<node pkg="pkg" exec="talker" if="maybe"/>', 2, ['maybe', 'true, false']),
        ('<node pkg="pkg" exec="talker">\n<param name="a" value="x" type="int"/></node>', 3, ['x', 'int']),
        ('<node pkg="pkg" exec="talker">\n<param name="a"/></node>', 3, ['value']),
        ('<node pkg="pkg" exec="talker">\n<param from="missing.yaml"/></node>', 3, ['missing.yaml']),
        (
            '<node pkg="pkg" exec="talker">\n<param name="a" value="1" if="false"/></node>',
            3,
            ['if', 'unknown attribute'],
        ),
        ('<include file="/nowhere.xml"/>', 2, ['/nowhere.xml', 'does not exist']),
        ('<executable cmd="true" on_exit="respawn"/>', 2, ['shutdown', 'respawn']),
    ],
)
def test_what_is_not_known_names_its_place(write, tmp_path, body, line, words):
    file = write(f'<launch>\n{body}\n</launch>')
    with pytest.raises(InvalidInput) as error:
        _load(file, tmp_path)
    message = str(error.value)
    assert f'{file}, line {line}, ' in message
    assert all(word in message for word in words), message


def test_unknown_argument_is_refused_with_the_valid_ones(write, tmp_path):
    with pytest.raises(InvalidInput, match=r'no argument sed; it has seed'):
        _load(write('<launch><arg name="seed" default="0"/></launch>'), tmp_path, sed='1')


@pytest.mark.parametrize('text', ['<launch>', '<robot/>'])
def test_broken_file_is_refused(write, tmp_path, text):
    with pytest.raises(InvalidInput, match=r'x\.launch\.xml, line 1'):
        _load(write(text), tmp_path)


def test_arguments_can_be_shown_without_giving_them(write, tmp_path):
    file = write('<launch><arg name="a" description="first"/><arg name="b" default="2"/></launch>')
    arguments = load(file, {}, tmp_path, arguments_only=True).arguments
    assert [(a.name, a.default, a.description) for a in arguments] == [('a', None, 'first'), ('b', '2', '')]
