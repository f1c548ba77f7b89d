"""A stand-in for moveit_py; see README.md beside this package."""
