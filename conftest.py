"""Fixtures for every test of the workspace."""

pytest_plugins = ['mt3_common.testing']
