"""The segmentation finds what stands on the table, and nothing else, whatever it is given."""

import sys

import numpy as np
import pytest

from mt3_common.errors import InvalidInput, StatusCode
from mt3_common.se3 import from_yaw, transform_points
from mt3_perception.segmentation import SegmentationConfig, segment, warm_up
from mt3_perception.testing import Solid, TableTop, depth_noise, look_at, random_clutter

CAMERA = look_at((1.15, 0.1, 0.75), (0.5, 0.0, 0.02))


def overlaps(segmentation, ids):
    """Best intersection over union of each true object that shows at least 120 pixels."""
    best = []
    for i in range(1, int(ids.max()) + 1):
        true = ids == i
        if true.sum() >= 120:
            best.append(max([(true & o.mask).sum() / (true | o.mask).sum() for o in segmentation.objects], default=0.0))
    return best


def check_consistent(segmentation, depth):
    """Labels, masks and points must say the same."""
    assert segmentation.labels.dtype == np.int32
    assert segmentation.labels.max() == len(segmentation.objects)
    for i, o in enumerate(segmentation.objects):
        assert np.array_equal(o.mask, segmentation.labels == i + 1)
        assert len(o.points) == np.count_nonzero(o.mask & np.isfinite(depth))
        assert 0.0 <= o.confidence <= 1.0


def test_objects_apart(table_view):
    """Each object is found once, nothing else is, and the table's height is right."""
    view, depth = table_view
    found = segment(depth, view.K, view.T_base_camera, view.rgb)
    assert found.status.ok
    assert len(found.objects) == 5
    assert min(overlaps(found, view.ids)) > 0.75
    check_consistent(found, depth)
    assert abs(found.plane.normal @ [0.0, 0.0, 1.0] - 1.0) < 1e-3
    for o in found.objects:
        assert abs(o.support_height) < 0.004
        assert o.confidence > 0.6


def test_without_colour_and_without_camera_pose(table_view):
    """Depth alone is enough, and gravity comes from the table where it is not given."""
    view, depth = table_view
    for T_base_camera, rgb in ((view.T_base_camera, None), (None, view.rgb), (None, None)):
        found = segment(depth, view.K, T_base_camera, rgb)
        assert min(overlaps(found, view.ids)) > 0.6
        assert len(found.objects) == 5


def test_points_without_camera_pose_are_in_the_camera_frame(table_view):
    """The same points, moved by the camera pose, and heights along the normal of the table."""
    view, depth = table_view
    in_camera = segment(depth, view.K, None, view.rgb)
    up = in_camera.plane.normal
    assert np.degrees(np.arccos(up @ view.T_base_camera[2, :3])) < 1.0
    for o in in_camera.objects:
        assert o.support_height == pytest.approx(-view.T_base_camera[2, 3], abs=0.01)
        base = transform_points(view.T_base_camera, o.points)
        assert -0.01 < np.median(base[:, 2]) < 0.2


def test_same_answer_for_a_turned_base(table_view):
    """Turning the base frame about gravity changes no mask."""
    view, depth = table_view
    first = segment(depth, view.K, view.T_base_camera, view.rgb)
    turned = segment(depth, view.K, from_yaw(0.7, [0.1, 0.2, 0.05]) @ view.T_base_camera, view.rgb)
    assert len(first.objects) == len(turned.objects)
    assert np.mean((first.labels > 0) == (turned.labels > 0)) > 0.995
    assert turned.objects[0].support_height == pytest.approx(0.05, abs=0.004)


def test_two_runs_agree_to_the_bit(table_view):
    """No chance is left in it."""
    view, depth = table_view
    runs = [segment(depth, view.K, None, view.rgb) for _ in range(2)]
    assert np.array_equal(runs[0].labels, runs[1].labels)
    assert all(np.array_equal(a.points, b.points) for a, b in zip(runs[0].objects, runs[1].objects, strict=True))


def test_input_is_not_changed(table_view):
    """The caller's images stay as they are."""
    view, depth = table_view
    before = depth.copy()
    segment(depth, view.K, view.T_base_camera, view.rgb)
    assert np.array_equal(before, depth, equal_nan=True)


@pytest.mark.parametrize('eye', [(1.3, 0.4, 0.55), (0.52, 0.02, 1.0), (-0.25, 0.5, 0.8)])
def test_other_cameras(eye):
    """Shallow, straight down and from the other side."""
    solids = (
        Solid('box', 0.50, -0.12, (0.1, 0.07, 0.06), 0.3, color=(180, 40, 40)),
        Solid('cylinder', 0.60, 0.10, (0.07, 0.07, 0.1), color=(40, 60, 190)),
        Solid('box', 0.42, 0.08, (0.06, 0.05, 0.05), 1.0, color=(20, 150, 90)),
    )
    view = TableTop(solids).view(look_at(eye, (0.5, 0.0, 0.0)))
    depth = depth_noise(view.depth_m, np.random.default_rng(1))
    for T_base_camera in (view.T_base_camera, None):
        found = segment(depth, view.K, T_base_camera, view.rgb)
        assert len(found.objects) == 3
        assert min(overlaps(found, view.ids)) > 0.75


@pytest.mark.parametrize('roll', [0.3, -0.5, np.pi])
def test_rolled_camera(roll):
    """A camera mounted askew or upside down finds the same objects, gravity given by its pose."""
    solids = (Solid('box', 0.50, -0.12, (0.1, 0.07, 0.06), 0.3), Solid('cylinder', 0.55, 0.1, (0.07, 0.07, 0.1)))
    turn = np.eye(4)
    turn[:2, :2] = [[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]]
    view = TableTop(solids).view(CAMERA @ turn)
    found = segment(depth_noise(view.depth_m, np.random.default_rng(10)), view.K, view.T_base_camera, view.rgb)
    assert len(found.objects) == 2
    assert min(overlaps(found, view.ids)) > 0.75


def test_hammer_of_two_colours_is_one_object():
    """A handle and a head of other colours and other materials belong together."""
    solids = (
        Solid('box', 0.5, 0.0, (0.2, 0.028, 0.025), color=(180, 130, 70)),
        Solid('box', 0.612, 0.0, (0.03, 0.1, 0.03), color=(60, 60, 70)),
    )
    view = TableTop(solids).view(CAMERA)
    found = segment(depth_noise(view.depth_m, np.random.default_rng(11)), view.K, view.T_base_camera, view.rgb)
    assert len(found.objects) == 1
    assert found.objects[0].mask[view.ids > 0].mean() > 0.85


def test_small_objects():
    """A marker and a cube of 2 cm are found."""
    solids = (
        Solid('box', 0.5, -0.12, (0.13, 0.016, 0.016), 0.7, color=(40, 60, 190)),
        Solid('box', 0.5, 0.1, (0.02, 0.02, 0.02), 0.3, color=(180, 40, 40)),
    )
    view = TableTop(solids).view(CAMERA)
    found = segment(depth_noise(view.depth_m, np.random.default_rng(12)), view.K, view.T_base_camera, view.rgb)
    assert len(found.objects) == 2
    assert min(overlaps(found, view.ids)) > 0.6


def test_large_pictures():
    """1280x720 works with the same settings."""
    solids = (Solid('box', 0.5, -0.1, (0.1, 0.07, 0.06)), Solid('cup', 0.5, 0.1, (0.08, 0.08, 0.1)))
    view = TableTop(solids).view(CAMERA, 1280, 720, 920.0)
    found = segment(depth_noise(view.depth_m, np.random.default_rng(2)), view.K, view.T_base_camera, view.rgb)
    assert len(found.objects) == 2
    assert min(overlaps(found, view.ids)) > 0.75


def test_touching_objects_are_told_apart():
    """A ball against a cup, a box against a corner of another: four objects."""
    solids = (
        Solid('cup', 0.50, 0.05, (0.08, 0.08, 0.10), color=(200, 60, 50)),
        Solid('sphere', 0.50, 0.1255, (0.07, 0.07, 0.07), color=(60, 60, 200)),
        Solid('box', 0.60, -0.20, (0.10, 0.06, 0.08), color=(210, 200, 60)),
        Solid('box', 0.505, -0.215, (0.09, 0.05, 0.05), 0.9, color=(60, 180, 60)),
    )
    view = TableTop(solids).view(CAMERA)
    found = segment(depth_noise(view.depth_m, np.random.default_rng(3)), view.K, view.T_base_camera, view.rgb)
    assert len(found.objects) == 4
    assert min(overlaps(found, view.ids)) > 0.7


def test_clutter():
    """Nearly all of many random objects are found as they are, without ghosts."""
    rng = np.random.default_rng(4)
    shares, ghosts = [], 0
    for _ in range(3):
        view = TableTop(random_clutter(rng, 8)).view(CAMERA)
        found = segment(depth_noise(view.depth_m, rng), view.K, view.T_base_camera, view.rgb)
        shares += overlaps(found, view.ids)
        ghosts += sum((view.ids[o.mask] > 0).mean() < 0.3 for o in found.objects)
    assert np.mean(np.array(shares) > 0.75) >= 0.9
    assert ghosts == 0


def test_something_in_the_air_is_not_an_object():
    """What hovers over the table is dropped with its reason; what stands below it stays."""
    solids = (
        Solid('box', 0.5, -0.15, (0.08, 0.06, 0.06), color=(180, 40, 40)),
        Solid('box', 0.5, 0.12, (0.08, 0.06, 0.06), z=0.15, color=(40, 60, 190)),
    )
    view = TableTop(solids).view(CAMERA)
    found = segment(depth_noise(view.depth_m, np.random.default_rng(5)), view.K, view.T_base_camera, view.rgb)
    assert len(found.objects) == 1
    assert overlaps(found, view.ids)[0] > 0.75
    assert any('above the support' in d.reason for d in found.dropped)


def test_the_floor_and_what_stands_on_it_are_not_the_table():
    """A crate on the floor beside the table is no object on it."""
    solids = (
        Solid('box', 0.5, 0.0, (0.08, 0.06, 0.06), color=(180, 40, 40)),
        Solid('box', 0.3, -0.9, (0.3, 0.3, 0.75), z=-0.7, color=(40, 60, 190)),
    )
    view = TableTop(solids).view(look_at((1.2, 0.3, 0.7), (0.4, -0.2, 0.0)))
    found = segment(depth_noise(view.depth_m, np.random.default_rng(6)), view.K, view.T_base_camera, view.rgb)
    assert len(found.objects) == 1
    assert abs(found.objects[0].support_height) < 0.004


def test_workspace():
    """Only what lies in the configured box counts."""
    solids = (Solid('box', 0.5, -0.15, (0.08, 0.06, 0.06)), Solid('box', 0.5, 0.15, (0.08, 0.06, 0.06)))
    view = TableTop(solids).view(CAMERA)
    config = SegmentationConfig(workspace_min_m=(0.2, 0.0, -0.1), workspace_max_m=(0.9, 0.5, 0.5))
    found = segment(view.depth_m, view.K, view.T_base_camera, view.rgb, config)
    assert len(found.objects) == 1
    assert np.median(found.objects[0].points[:, 1]) > 0.0
    assert any('workspace' in d.reason for d in found.dropped)


def test_missing_depth_is_filled_by_colour():
    """Half of a dark box gives no depth: its colour brings it back."""
    view = TableTop((Solid('box', 0.5, 0.0, (0.16, 0.1, 0.06), color=(25, 25, 60)),)).view(CAMERA)
    depth = depth_noise(view.depth_m, np.random.default_rng(7))
    columns = np.nonzero(view.ids.any(axis=0))[0]
    gone = view.ids == 1
    gone[:, : int(columns[0] + 0.7 * (columns[-1] - columns[0]))] = False
    depth[gone] = np.nan
    found = segment(depth, view.K, view.T_base_camera, view.rgb)
    assert len(found.objects) == 1
    assert found.objects[0].mask[gone].mean() > 0.6
    check_consistent(found, depth)


def test_bare_table():
    """Nothing on it: no objects, and all is well."""
    view = TableTop(()).view(CAMERA)
    found = segment(depth_noise(view.depth_m, np.random.default_rng(8)), view.K, view.T_base_camera, view.rgb)
    assert found.status.ok
    assert found.objects == ()
    assert not found.labels.any()


@pytest.mark.parametrize('value', [np.nan, 0.0, np.inf])
def test_no_depth_at_all(value):
    """A dead camera gives an empty result that says so."""
    found = segment(np.full((480, 640), value, np.float32), np.array([[600, 0, 320], [0, 600, 240], [0, 0, 1.0]]))
    assert found.objects == ()
    assert found.plane is None
    assert found.labels.shape == (480, 640)
    assert found.status.code == StatusCode.NO_DATA
    assert 'depth' in found.status.message


def test_no_support():
    """Noise in the air, or a camera pose under which nothing is level: empty, with the reason."""
    K = np.array([[600, 0, 320], [0, 600, 240], [0, 0, 1.0]])
    rng = np.random.default_rng(9)
    found = segment(rng.uniform(0.3, 2.0, (480, 640)).astype(np.float32), K)
    assert found.objects == ()
    assert found.status.code == StatusCode.NO_DATA
    view = TableTop((), wall_x=None, floor_z=-50.0).view(CAMERA)
    sideways = np.eye(4)
    sideways[:3, :3] = [[1, 0, 0], [0, 0, 1], [0, -1, 0]]
    found = segment(view.depth_m, view.K, sideways @ view.T_base_camera)
    assert found.status.code == StatusCode.NO_DATA
    assert 'T_base_camera' in found.status.message


@pytest.mark.parametrize(
    'change',
    [
        {'depth_m': np.zeros((480, 640, 1), np.float32)},
        {'depth_m': np.full((480, 640), 800, np.uint16)},
        {'depth_m': np.full((480, 640), 800.0, np.float32)},
        {'depth_m': np.ones((4, 4), np.float32)},
        {'depth_m': np.ones((1, 1), np.float32)},
        {'depth_m': np.zeros((0, 0), np.float32)},
        {'K': np.full((3, 3), np.nan)},
        {'K': np.zeros((3, 3))},
        {'T_base_camera': np.diag([2.0, 2.0, 2.0, 1.0])},
        {'T_base_camera': np.full((4, 4), np.nan)},
        {'K': np.eye(4)},
        {'K': np.diag([-600.0, 600.0, 1.0])},
        {'T_base_camera': np.ones((4, 4))},
        {'T_base_camera': np.eye(3)},
        {'rgb': np.zeros((240, 320, 3), np.uint8)},
        {'rgb': np.zeros((480, 640, 3), np.float32)},
        {'rgb': np.zeros((480, 640), np.uint8)},
    ],
)
def test_wrong_input_is_refused(change):
    """Each wrong argument is an InvalidInput."""
    arguments = {
        'depth_m': np.ones((480, 640), np.float32),
        'K': np.array([[600, 0, 320], [0, 600, 240], [0, 0, 1.0]]),
    }
    with pytest.raises(InvalidInput):
        segment(**{**arguments, **change})


def test_warming_up_leaves_no_kernel_to_compile():
    """The first picture waits for no compiler: each kernel of the segmentation has been called."""
    warm_up()
    modules = [module for name, module in sys.modules.items() if name.startswith('mt3_perception.segmentation.')]
    kernels = {
        f'{module.__name__}.{name}': value
        for module in modules
        for name, value in vars(module).items()
        if hasattr(value, 'py_func') and value.py_func.__module__ == module.__name__
    }
    assert len(kernels) > 15
    # compiled with those that call them
    inner = ('._row', '.contrast', 'parts._flood', '._root', '._turns', '._touches', 'ledges._mean')
    assert [name for name, k in kernels.items() if not k.signatures and not name.endswith(inner)] == []
