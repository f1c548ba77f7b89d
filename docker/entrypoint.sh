#!/usr/bin/env bash
# Puts ROS 2 and the workspace into the environment, then runs the command.
set -e
source /opt/ros/jazzy/setup.bash
source /mt3/.venv/env.sh
exec "$@"
