"""Scripted experts: they teleoperate the arm as a person would, knowing where things are."""
