import coal
import numpy as np
import pinocchio as pin
import pytest
from scipy.optimize import linprog

from mt3_executor.hulls import convex_hull, middle, within
from mt3_executor.testing.scenes import box_points

CELL_M = 0.01
CORNERS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) * 0.5 * CELL_M


def overlap(a, b):
    """Whether two hulls share a point, by linear programming: independent of Coal."""
    n, m = len(a), len(b)
    equal = np.vstack([np.hstack([a.T, -b.T]), np.repeat([1.0, 0.0], [n, m]), np.repeat([0.0, 1.0], [n, m])])
    return linprog(np.zeros(n + m), A_eq=equal, b_eq=[0, 0, 0, 1, 1], bounds=(0, None)).status == 0


@pytest.mark.parametrize('name', ['panda', 'ur5'])
def test_no_contact_of_a_link_with_a_cloud_is_missed(name, request):
    arm = request.getfixturevalue(name)
    rng = np.random.default_rng(0)
    cells = (np.floor(rng.uniform([0.2, -0.5, 0.0], [0.7, 0.5, 0.5], (400, 3)) / CELL_M) + 0.5) * CELL_M
    octree = coal.makeOctree(cells, CELL_M)
    data, geometry_data = arm.model.createData(), arm.geometry.createData()
    request_, contacts, checked = coal.CollisionRequest(), 0, 0
    for q in rng.uniform(-2.0, 2.0, (120, arm.n)):
        pin.updateGeometryPlacements(arm.model, data, arm.geometry, geometry_data, arm.full(q))
        for index, shape in enumerate(arm.geometry.geometryObjects):
            if not isinstance(shape.geometry, coal.ConvexBase):
                continue
            placement = geometry_data.oMg[index]
            corners = np.array([shape.geometry.point(k) for k in range(shape.geometry.num_points)])
            corners = corners @ placement.rotation.T + placement.translation
            low, high = corners.min(axis=0) - 0.5 * CELL_M, corners.max(axis=0) + 0.5 * CELL_M
            near = cells[((cells > low) & (cells < high)).all(axis=1)]
            if not len(near):
                continue
            result = coal.CollisionResult()
            at = coal.Transform3s(placement.rotation, placement.translation)
            found = coal.collide(shape.geometry, at, octree, coal.Transform3s(), request_, result) > 0
            truth = any(overlap(corners, cell + CORNERS) for cell in near)
            assert found == truth, (arm.link_of(index), q.tolist())
            contacts, checked = contacts + truth, checked + 1
    assert checked > 50 and contacts > 20


def test_corners_are_kept_and_the_inside_is_dropped():
    rng = np.random.default_rng(1)
    box = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=float)
    hull = convex_hull(np.concatenate([box, rng.uniform(-0.9, 0.9, (50, 3))]))
    corners = np.array([hull.point(k) for k in range(hull.num_points)])
    assert sorted(map(tuple, corners)) == sorted(map(tuple, box))


def test_flat_and_few_points_have_no_hull():
    assert convex_hull(np.zeros((0, 3))) is None and convex_hull(np.eye(3)) is None
    assert convex_hull(np.column_stack([np.random.default_rng(0).normal(size=(9, 2)), np.zeros(9)])) is None


def test_the_middle_of_a_thing_is_a_shell_smaller_and_never_nothing():
    block = box_points((0.3, 0.1, 0.2), (0.1, 0.06, 0.02), 0.01)
    small = middle(block, 0.015)
    assert np.ptp(small, axis=0) == pytest.approx([0.07, 0.03, 0.004])
    assert small.mean(axis=0) == pytest.approx(block.mean(axis=0))
    assert len(middle(np.zeros((0, 3)), 0.015)) == 0


def test_what_lies_in_a_hull_and_what_a_flat_thing_holds():
    block = box_points((0.0, 0.0, 0.0), (0.1, 0.1, 0.1), 0.05)
    assert within(np.array([[0.04, 0.0, 0.0], [0.06, 0.0, 0.0]]), block).tolist() == [True, False]
    assert not within(block, block[:3]).any()
