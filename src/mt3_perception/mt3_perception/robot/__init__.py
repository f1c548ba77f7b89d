"""The robot's own links found in a depth image and taken out of it, by its URDF and its joint states."""
