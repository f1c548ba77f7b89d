"""SE(3), cameras, demonstrations, scenes, errors, configuration, and the ROS conversions."""
