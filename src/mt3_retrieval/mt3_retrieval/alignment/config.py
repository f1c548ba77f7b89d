"""Settings of the alignment; the defaults work, and a person rarely needs another."""

from mt3_common.config import Config, setting

__all__ = ['AlignmentConfig']


class AlignmentConfig(Config):
    """How an object of a demonstration is looked for in a live view."""

    dof: int = setting(
        4, 'degrees of freedom: 4 (yaw and translation), or 6 (any rotation; rigid, slower)', '', ge=4, le=6
    )
    allow_stretch: bool = setting(True, 'let a novel instance be larger or smaller than the demonstrated one')
    refine: bool = setting(True, 'polish the pose and sweep the yaws around it; false: as the search left it (dof 4)')
    max_stretch: float = setting(1.5, 'largest size ratio between the two objects, per axis', '', ge=1.0, le=1.9)
    stretch_prior: float = setting(0.2, 'expected spread of the size ratio about 1', '', ge=0.01, le=2.0)
    stretch_gain: float = setting(0.5, 'a stretched fit must beat the rigid one by this worth', '', ge=0.0, le=20.0)

    yaw_steps: int = setting(36, 'yaws tried over the full circle', '', ge=8, le=360)
    shift_m: float = setting(0.056, 'largest shift from the aligned centres that is tried', 'm', ge=0.01, le=0.3)
    starts: int = setting(12, 'best coarse poses that are climbed from', '', ge=1, le=64)
    refined: int = setting(7, 'distinct climbed poses that are refined, with and without stretch', '', ge=1, le=64)
    climb_points: int = setting(400, 'points of each view used while climbing', '', ge=50, le=5000)

    search_free_space_weight: float = setting(10.0, 'weight of seen-through points in the search', '', ge=0.0, le=100.0)
    free_space_weight: float = setting(12.0, 'weight of seen-through points in the final score', '', ge=0.0, le=100.0)
    ambiguous_margin: float = setting(
        0.15, 'another yaw this close to the best in consistency is as good', '', ge=0.0, le=2.0
    )
    min_confidence: float = setting(0.5, 'below this confidence the status is LOW_CONFIDENCE', '', ge=0.0, le=1.0)
