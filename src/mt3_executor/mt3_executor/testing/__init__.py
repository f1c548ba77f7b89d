"""Scenes and fake drivers for tests and benchmarks, here and in other packages."""
