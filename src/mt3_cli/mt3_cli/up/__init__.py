"""Starts what a ROS 2 launch XML names where `ros2 launch` is not to be had.

The declarative subset: arg, let, group, include, node, executable, param, remap, env, set_env,
if/unless, and the substitutions $(var), $(env), $(find-pkg-share), $(dirname). Anything else is an
error that names file, element and line, so that one file means the same to both runners.
"""

from mt3_cli.up.launch_xml import LaunchFile, load
from mt3_cli.up.process import ProcessSpec
from mt3_cli.up.supervisor import run

__all__ = ['LaunchFile', 'ProcessSpec', 'load', 'run']
