import numpy as np

from mt3_common.errors import StatusCode
from mt3_executor.concessions import variants
from mt3_executor.config import CollisionConfig, PlanningConfig
from mt3_executor.obstacles import Obstacles, voxel_filter
from mt3_executor.planning import plan_task
from mt3_executor.testing.scenes import above, box_points, grasp

AT = above(0.5, 0.0, 0.16)
BLOCK = box_points((0.5, 0.0, 0.03), (0.04, 0.03, 0.06), 0.002)
WALL_M = 0.0475  # from the middle of the block: its coarse cells begin at 4 cm, its fine ones at 4.5 cm


def between_walls(distance=WALL_M):
    """The block between two thin walls, in cells of both sizes."""
    sides = [box_points((0.5, s * distance, 0.025), (0.1, 0.001, 0.05), 0.001) for s in (-1, 1)]
    walls = np.concatenate(sides)

    def in_cells(size_m):
        return Obstacles(voxel_filter(walls, size_m), voxel_filter(BLOCK, size_m), 0.0, seen_points=BLOCK)

    obstacles = in_cells(0.01)
    object.__setattr__(obstacles, 'finer', lambda: in_cells(0.005))
    return obstacles


def test_least_is_conceded_first():
    found = list(variants(grasp(0.12), AT[None], between_walls(), PlanningConfig()))
    assert found[0].words == '' and found[0].interaction is not None
    sizes = [v.config.collision.cloud_resolution_m for v in found]
    assert sizes == sorted(sizes, reverse=True) and set(sizes) == {0.01, 0.005}
    openings = [v.interaction.gripper_opening[0] for v in found]
    half = len(found) // 2
    assert openings[:half] == openings[half:] == sorted(openings[:half], reverse=True) and openings[0] == 1.0
    assert all(v.words for v in found[1:])


def test_without_finer_cells_only_the_hand_gives_way():
    coarse = Obstacles(seen_points=BLOCK)
    never = PlanningConfig(collision=CollisionConfig(fine_resolution_m=0.01))
    for obstacles, config in ((coarse, PlanningConfig()), (between_walls(), never)):
        found = list(variants(grasp(0.12), AT[None], obstacles, config))
        assert len(found) > 1 and all(v.obstacles is obstacles for v in found)


def test_between_close_walls_it_is_planned_in_fine_cells_and_says_so(panda):
    def plan(obstacles, fine=0.005):
        config = PlanningConfig(collision=CollisionConfig(fine_resolution_m=fine))
        return plan_task(panda, panda.home, AT, grasp(0.12), obstacles, config)

    close = plan(between_walls())
    assert close.status.ok, close.status
    assert 'cells of 5 mm' in close.conceded and close.opening < 1.0
    refused = plan(between_walls(), fine=0.01)
    assert refused.status.code == StatusCode.COLLISION and refused.conceded == ''
    wide = plan(between_walls(0.09))
    assert wide.status.ok and wide.conceded == '' and wide.opening == 1.0
    within = plan(between_walls(0.02))
    assert within.status.code == StatusCode.COLLISION and 'among obstacles in cells of 5 mm' in within.status.message
