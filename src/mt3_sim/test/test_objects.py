"""Every category: closed meshes, collision shapes that agree with what is seen, and things that stand still."""

import mujoco
import numpy as np
import pytest

from mt3_common import se3
from mt3_common.errors import InvalidInput
from mt3_sim import objects

CASES = [(category, instance) for category in objects.CATEGORIES for instance in ('taught', 'novel')]


def make(category, instance, seed=3):
    return objects.sample(category, np.random.default_rng(seed), instance)


def simulate(model, name='thing', seconds=1.0, T=None):
    spec = mujoco.MjSpec()
    spec.worldbody.add_geom(type=mujoco.mjtGeom.mjGEOM_PLANE, size=[2, 2, 0.1])
    model.add_to(spec, name, np.eye(4) if T is None else T)
    compiled = spec.compile()
    data = mujoco.MjData(compiled)
    while data.time < seconds:
        mujoco.mj_step(compiled, data)
    return compiled, data


@pytest.mark.parametrize(('category', 'instance'), CASES)
def test_every_seen_piece_is_a_closed_mesh_and_the_object_stands_on_its_origin(category, instance):
    model = make(category, instance)
    for piece in model.mesh().split(only_watertight=False):
        assert piece.is_watertight
    assert abs(model.mesh().bounds[0, 2]) < 1e-9
    assert model.category == category


@pytest.mark.parametrize(('category', 'instance'), CASES)
def test_collision_shape_agrees_with_what_is_seen(category, instance):
    model = make(category, instance)
    assert np.abs(model.mesh().bounds - model.collision_mesh().bounds).max() < 0.003


@pytest.mark.parametrize('category', ['mug', 'bowl', 'plate', 'hole_block', 'pan'])
def test_hollow_things_are_hollow_for_collisions_too(category):
    model = make(category, 'taught')
    x = 0.025 if category == 'hole_block' else 0.0
    floor = {'hole_block': 0.0, 'plate': 0.012}.get(category, 0.007)
    inside = np.array([[x, 0.0, floor + 0.01]])
    for part in (p for p in model.parts if p.collides):
        assert not part.trimesh().contains(inside).any()


@pytest.mark.parametrize(('category', 'instance'), CASES)
def test_it_stands_still_where_it_is_put(category, instance):
    model = make(category, instance)
    T = se3.from_yaw(0.7, (0.5, -0.1, 0.0))
    _, data = simulate(model, category, T=T)
    body = data.body(category)
    assert np.linalg.norm(body.xpos - T[:3, 3]) < 1.5e-3
    assert body.xmat[8] > 0.9999


def test_mass_of_the_body_is_that_of_the_object():
    model = make('mug', 'taught')
    compiled, _ = simulate(model, 'mug', 0.01)
    assert compiled.body('mug').mass[0] == pytest.approx(model.mass, rel=1e-6)


def test_the_drawer_and_the_button_stay_where_they_are_put():
    for category in ('drawer', 'button'):
        model = make(category, 'taught')
        link = model.links[0]
        for position in (0.0, 0.8 * link.travel):
            spec = mujoco.MjSpec()
            model.add_to(spec, category, np.eye(4))
            compiled = spec.compile()
            data = mujoco.MjData(compiled)
            joint = data.joint(f'{category}/{link.name}')
            joint.qpos[0] = position
            while data.time < 2.0:
                mujoco.mj_step(compiled, data)
            assert joint.qpos[0] == pytest.approx(position, abs=5e-4)


def test_symmetry_measures_yaw_errors_modulo_itself():
    assert objects.Symmetry().yaw_error(np.pi) == pytest.approx(np.pi)
    assert objects.Symmetry('n_fold', 4).yaw_error(np.pi / 2 + 0.1) == pytest.approx(0.1)
    assert objects.Symmetry('continuous', 0).yaw_error(1.0) == 0.0


@pytest.mark.parametrize('category', ['mug', 'drawer', 'button', 'sled', 'hole_block'])
def test_things_whose_yaw_matters_look_different_from_every_side(category):
    model = make(category, 'taught')
    assert model.symmetry.kind == 'none'
    points = model.mesh().sample(4000, seed=1)
    spread = [
        np.percentile(se3.transform_points(se3.from_yaw(yaw), points)[:, 0], 98) for yaw in np.arange(4) * np.pi / 2
    ]
    heights = [points[points[:, 0] * sign > 0.02][:, 2].mean() for sign in (-1, 1)]
    assert max(spread) - min(spread) > 0.004 or abs(heights[0] - heights[1]) > 0.004


def test_unknown_category_is_refused_with_the_choices():
    with pytest.raises(InvalidInput, match='mug'):
        objects.sample('teapot', np.random.default_rng(0))
