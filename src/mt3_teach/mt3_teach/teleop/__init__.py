"""Driving arm and gripper by keyboard, gamepad or SpaceMouse, for those who have no teleoperation of their own."""
