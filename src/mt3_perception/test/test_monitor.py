"""Health of the camera."""

import pytest

from mt3_perception.monitor import ERROR, OK, STALE, WARN, CameraMonitor


def test_levels():
    """Nothing yet, all well, a refusal, little depth, a stopped camera, and back."""
    monitor = CameraMonitor(max_age_s=1.0)
    assert monitor.health(0.0).level == STALE
    for i in range(10):
        monitor.arrived(i * 0.1, 0.03, 0.001)
    monitor.observed(0.05, 0.95, 0.001, 3)
    health = monitor.health(1.0)
    assert health.level == OK
    assert float(health.values['rate [Hz]']) == pytest.approx(10.0)
    assert health.values['objects'] == '3'
    monitor.troubled('no support')
    assert monitor.health(1.0).level == WARN
    monitor.observed(0.05, 0.2, 0.001, 3)
    assert monitor.health(1.0).level == WARN
    assert monitor.health(3.0).level == ERROR
    monitor.observed(0.05, 0.9, 0.001, 3)
    monitor.arrived(3.1, 0.03, 0.001)
    assert monitor.health(3.2).level == OK
