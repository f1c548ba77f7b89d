"""Settings of the segmentation. The defaults need no tuning for table-top scenes within 2.5 m."""

from mt3_common.config import Config, setting

__all__ = ['SegmentationConfig']


class SegmentationConfig(Config):
    """What counts as a support surface and as an object on it."""

    workspace_min_m: tuple[float, float, float] = setting(
        (-2.0, -2.0, -1.0), 'lower corner of the box in which objects are looked for, base frame', 'm'
    )
    workspace_max_m: tuple[float, float, float] = setting(
        (2.0, 2.0, 2.0), 'upper corner of the box in which objects are looked for, base frame', 'm'
    )
    max_distance_m: float = setting(2.5, 'depth beyond this is ignored', 'm', ge=0.1, le=20.0)
    max_tilt_deg: float = setting(
        8.0, 'largest angle between the support surface and the horizontal', 'deg', ge=0.0, le=45.0
    )
    min_support_share: float = setting(0.02, 'share of the image that a support surface must cover', '', ge=0.0, le=1.0)
    noise_factor: float = setting(
        3.5, 'height that counts as above the support, in deviations of the depth noise', '', ge=1.0, le=20.0
    )
    min_height_m: float = setting(0.005, 'height that counts as above the support, at least', 'm', ge=0.001, le=0.1)
    max_height_m: float = setting(
        0.5, 'things that reach higher above the support are not objects', 'm', ge=0.02, le=3.0
    )
    max_extent_m: float = setting(0.6, 'things that are longer than this are not objects', 'm', ge=0.02, le=5.0)
    min_extent_m: float = setting(0.012, 'things that are shorter than this are not objects', 'm', ge=0.001, le=0.5)
    min_pixels: int = setting(80, 'smallest object at 640x480, scaled with the image area', 'pixel', ge=4, le=100000)
    cell_m: float = setting(
        0.004, 'cell of the map seen from above in which objects are told apart', 'm', ge=0.001, le=0.05
    )
    gap_m: float = setting(0.004, 'parts closer than this, seen from above, belong together', 'm', ge=0.0, le=0.1)
    jump_m: float = setting(
        0.008,
        'depth step between neighbouring pixels, 1 m away, that is never inside one surface',
        'm',
        ge=0.001,
        le=0.5,
    )
    hover_m: float = setting(
        0.03, 'things whose underside is visibly higher than this are held or hover', 'm', ge=0.005, le=0.5
    )
    use_colour: bool = setting(True, 'use the colour image where depth is weak or missing')
    split_touching: bool = setting(True, 'look for the border between objects that touch')
    body_radius_m: float = setting(
        0.012, 'half width of the narrowest part that can be an object of its own', 'm', ge=0.002, le=0.2
    )
    handle_width_m: float = setting(0.046, 'widest part that can be the handle of a tool', 'm', ge=0.002, le=0.2)
