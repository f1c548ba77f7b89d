"""A stand-in for moveit_msgs; see README.md beside this package."""
