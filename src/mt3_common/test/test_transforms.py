import numpy as np
import pytest

from mt3_common import se3
from mt3_common.errors import MT3Error, StatusCode
from mt3_common.transforms import TransformStore


def arm():
    """base -(moves along x, 1 m/s)-> hand -(static)-> tcp, and base -(static)-> camera."""
    store = TransformStore(keep_s=None)
    for at in np.arange(0.0, 2.01, 0.1):
        store.add('base', 'hand', at, se3.from_yaw(at, (at, 0.0, 0.0)))
    store.add('hand', '/tcp', 0.0, se3.make(None, (0.0, 0.0, 0.1)), static=True)
    store.add('base', 'camera', 0.0, se3.make(None, (0.0, 1.0, 0.0)), static=True)
    return store


def test_lookup_through_the_common_ancestor():
    T = arm().lookup('camera', 'tcp', 1.0)
    np.testing.assert_allclose(T, se3.inverse(se3.make(None, (0, 1, 0))) @ se3.from_yaw(1.0, (1.0, 0, 0.1)), atol=1e-9)
    np.testing.assert_allclose(arm().lookup('tcp', 'camera', 1.0), se3.inverse(T), atol=1e-9)


def test_interpolates_between_samples():
    np.testing.assert_allclose(arm().lookup('base', 'hand', 0.55), se3.from_yaw(0.55, (0.55, 0, 0)), atol=1e-9)


def test_newest_is_the_default_and_statics_need_no_time():
    assert arm().lookup('base', 'tcp')[0, 3] == pytest.approx(2.0)
    assert arm().newest('base', 'tcp') == pytest.approx(2.0)
    assert arm().newest('base', 'camera') == float('inf')
    assert arm().lookup('base', 'camera', 1e9)[1, 3] == 1.0
    np.testing.assert_allclose(arm().lookup('hand', 'hand'), np.eye(4))


def test_path_is_many_lookups():
    times = np.linspace(0.0, 2.0, 9)
    path = arm().path('base', 'tcp', times)
    for T, at in zip(path, times, strict=True):
        np.testing.assert_allclose(T, arm().lookup('base', 'tcp', at), atol=1e-9)


@pytest.mark.parametrize(
    ('call', 'words'),
    [
        (lambda s: s.lookup('base', 'gripper'), ['gripper', 'known frames: base, camera']),
        (lambda s: s.lookup('base', 'hand', 2.5), ['after its last', '0.5']),
        (lambda s: s.lookup('base', 'hand', -1.0), ['before its first']),
    ],
)
def test_refusals_say_what_is_missing(call, words):
    with pytest.raises(MT3Error) as refusal:
        call(arm())
    assert refusal.value.code == StatusCode.NO_DATA
    for word in words:
        assert word in str(refusal.value)


def test_unconnected_trees_are_named():
    store = arm()
    store.add('world', 'lamp', 0.0, np.eye(4), static=True)
    with pytest.raises(MT3Error, match='not connected'):
        store.lookup('base', 'lamp')


def test_tolerance_lets_the_nearest_sample_answer():
    store = TransformStore(tolerance_s=0.5)
    store.add('a', 'b', 1.0, se3.make(None, (1.0, 0, 0)))
    assert store.lookup('a', 'b', 1.4)[0, 3] == 1.0
    with pytest.raises(MT3Error):
        store.lookup('a', 'b', 1.6)


def test_forgets_the_past_and_survives_a_clock_that_starts_over():
    store = TransformStore(keep_s=1.0)
    for at in np.arange(0.0, 5.0, 0.1):
        store.add('a', 'b', at, np.eye(4))
    with pytest.raises(MT3Error):
        store.lookup('a', 'b', 1.0)
    store.add('a', 'b', 0.2, np.eye(4))
    assert store.newest('a', 'b') == 0.2


def test_samples_may_come_out_of_order():
    store = TransformStore()
    for at in (0.2, 0.0, 0.1, 0.1):
        store.add('a', 'b', at, se3.make(None, (at, 0, 0)))
    assert store.lookup('a', 'b', 0.15)[0, 3] == pytest.approx(0.15)


def test_ancestors_nearest_first():
    store = TransformStore()
    store.add('base', 'arm', 0.0, np.eye(4), static=True)
    store.add('arm', 'camera', 0.0, np.eye(4), static=True)
    assert store.ancestors('camera') == ['arm', 'base']
    assert store.ancestors('base') == store.ancestors('nobody') == []
