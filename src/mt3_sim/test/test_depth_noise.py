"""The statistics that the noise model promises."""

import numpy as np
import pytest

from mt3_sim.depth_noise import DepthNoiseConfig, add_noise

SHAPE = (240, 320)


def flat(depth: float) -> np.ndarray:
    return np.full(SHAPE, depth, np.float32)


def test_scale_zero_only_quantises():
    depth = flat(0.7654321)
    depth[0] = np.nan
    reading = add_noise(depth, 300.0, np.random.default_rng(0), scale=0.0)
    assert reading.dtype == np.uint16
    assert (reading[1:] == 765).all()
    assert (reading[0] == 0).all()


@pytest.mark.parametrize('depth', [0.5, 1.0, 2.0])
def test_the_error_grows_with_the_square_of_the_range(depth):
    config = DepthNoiseConfig()
    errors = []
    for seed in range(6):
        reading = add_noise(flat(depth), 300.0, np.random.default_rng(seed)).astype(float)
        errors.append((reading[reading > 0] - depth * 1000.0) / 1000.0)
    spread = np.concatenate(errors).std()
    expected = np.hypot(config.white, config.smooth) * depth**2
    assert spread == pytest.approx(np.hypot(expected, 0.00029), rel=0.2)
    assert abs(np.concatenate(errors).mean()) < 0.3 * expected


def test_the_same_seed_gives_the_same_picture():
    a, b, c = (add_noise(flat(1.0), 300.0, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(a, b)
    assert not np.array_equal(a, c)


def test_edges_drop_out_and_fly():
    depth = flat(1.0)
    depth[80:160, 100:200] = 0.8
    reading = add_noise(depth, 300.0, np.random.default_rng(3))
    edge = np.zeros(SHAPE, bool)
    edge[79:81, 100:200] = edge[159:161, 100:200] = edge[80:160, 99:101] = edge[80:160, 199:201] = True
    edge[79:161:81, 99:201:101] = True
    lost = reading == 0
    assert 0.2 < lost[edge].mean() < 0.5
    assert lost[~edge].mean() < 0.02
    between = (reading > 820) & (reading < 980)
    assert between[edge].mean() > 0.05
    assert between[~edge].sum() < 10


def test_grazing_surfaces_lose_readings():
    rows = np.arange(SHAPE[0], dtype=np.float32)[:, None]
    gentle = np.repeat(1.0 + 0.001 * rows, SHAPE[1], axis=1)
    steep = np.repeat(0.5 + 0.03 * rows, SHAPE[1], axis=1)
    config = DepthNoiseConfig(holes=0.0, edge_step=1.0)
    lost = [(add_noise(d, 300.0, np.random.default_rng(0), config=config) == 0).mean() for d in (gentle, steep)]
    assert lost[0] < 0.01
    assert lost[1] > 0.05
