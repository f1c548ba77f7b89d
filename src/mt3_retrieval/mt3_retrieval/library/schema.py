"""Columns of the library table, and the short form of a row."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from mt3_retrieval.descriptor import DESCRIPTOR_SIZE

if TYPE_CHECKING:
    from mt3_common.demonstration import Interaction

__all__ = [
    'BRIEF_COLUMNS',
    'PATH_COLUMNS',
    'PICTURE_COLUMNS',
    'SCHEMA',
    'SCHEMA_VERSION',
    'SUMMARY_COLUMNS',
    'TABLE',
    'VERSIONS',
    'VERSIONS_SCHEMA',
    'VERSION_COLUMNS',
    'Brief',
    'Record',
]

TABLE = 'demonstrations'
SCHEMA_VERSION = 2
TEXT_VECTOR_SIZE = 384

_SUMMARY = [
    pa.field('id', pa.string(), nullable=False),
    pa.field('schema_version', pa.int32(), nullable=False),
    pa.field('task', pa.string(), nullable=False),
    pa.field('skill', pa.string()),
    pa.field('target', pa.string()),
    pa.field('other', pa.string()),
    pa.field('robot', pa.string(), nullable=False),
    pa.field('dof', pa.int32(), nullable=False),
    pa.field('simulated', pa.bool_(), nullable=False),
    pa.field('success', pa.bool_()),  # null: unknown
    pa.field('recorded_at', pa.timestamp('us', 'UTC'), nullable=False),
    pa.field('added_at', pa.timestamp('us', 'UTC'), nullable=False),
    pa.field('changed_at', pa.timestamp('us', 'UTC'), nullable=False),
    pa.field('removed_at', pa.timestamp('us', 'UTC')),  # null: alive
    pa.field('tags', pa.list_(pa.string())),
    pa.field('notes', pa.string()),
    pa.field('provenance', pa.string()),  # json object of texts
    pa.field('duration_s', pa.float64()),
    pa.field('descriptor', pa.list_(pa.float32(), DESCRIPTOR_SIZE)),
    pa.field('text_vector', pa.list_(pa.float16(), TEXT_VECTOR_SIZE)),  # null: no sentence embedding installed
    pa.field('stretch', pa.bool_()),
    pa.field('refine', pa.bool_()),
    pa.field('version', pa.int32()),  # from 1, see versions.py
    pa.field('previous', pa.int32()),  # what `undo` goes back to, 0: nothing
    pa.field('edited', pa.string()),  # what made this version of the one before
]
_PATH = [
    pa.field('T_base_bottleneck', pa.list_(pa.float64(), 16)),  # row by row [m]
    pa.field('time_s', pa.list_(pa.float64())),  # (K,)
    pa.field('T_bottleneck_tcp', pa.list_(pa.float64())),  # (K, 16) row by row [m]
    pa.field('gripper_opening', pa.list_(pa.float64())),  # (K,)
    pa.field('gripper_max_width_m', pa.float64()),
]
_PICTURES = [
    pa.field('rgb_png', pa.large_binary()),
    pa.field('depth_png', pa.large_binary()),  # 16 bit, millimetres, 0 unknown
    pa.field('mask_png', pa.large_binary()),
    pa.field('K', pa.list_(pa.float64(), 9)),
    pa.field('T_base_camera', pa.list_(pa.float64(), 16)),  # row by row [m]
    pa.field('support_height_m', pa.float64()),  # null: unknown
]
SCHEMA = pa.schema(_SUMMARY + _PATH + _PICTURES)
SUMMARY_COLUMNS = [field.name for field in _SUMMARY if field.name != 'text_vector']  # searched, never shown
PATH_COLUMNS = [field.name for field in _PATH]
PICTURE_COLUMNS = [field.name for field in _PICTURES]
# what an edit can change; the earlier versions of it are kept in a table of their own, without pictures
VERSIONS = 'versions'
_EDITABLE = 'version previous edited changed_at task skill target other dof stretch refine success tags notes'.split()
VERSION_COLUMNS = ['id', *_EDITABLE, 'duration_s', *PATH_COLUMNS]
VERSIONS_SCHEMA = pa.schema([SCHEMA.field(name) for name in VERSION_COLUMNS])
BRIEF_COLUMNS = ['id', 'task', 'skill', 'target', 'dof', 'stretch', 'refine', 'changed_at', 'descriptor']


class Brief(NamedTuple):
    """What retrieval ranks demonstrations by, read by the thousand; the fields are those of `Record`."""

    id: str
    task: str
    skill: str
    target: str
    dof: int
    stretch: bool
    refine: bool
    changed_at: datetime
    descriptor: np.ndarray


@dataclass(frozen=True, eq=False)
class Record:
    """A demonstration without its pictures.

    Attributes:
        id, task, skill, target, other, robot, dof, stretch, refine, simulated, success, recorded_at, tags, notes,
        provenance:
            As in `mt3_common.demonstration.Demonstration`.
        added_at, changed_at: When it came into the library, and when its row last changed (UTC).
        removed_at: When it was removed; None while it is alive.
        duration_s: Length of the interaction [s].
        version: Number of this version of it, from 1.
        edited: What made it of the version before.
        descriptor: (D,) of `mt3_retrieval.descriptor`.
        distance: Cosine or L2 distance when a vector was searched for, else NaN.
        T_base_bottleneck: (4, 4) [m] and
        interaction: only when asked for, else None.
    """

    id: str
    task: str
    skill: str
    target: str
    other: str
    robot: str
    dof: int
    stretch: bool
    refine: bool
    simulated: bool
    success: bool | None
    recorded_at: datetime
    added_at: datetime
    changed_at: datetime
    removed_at: datetime | None
    tags: tuple[str, ...]
    notes: str
    provenance: dict[str, str]
    duration_s: float
    version: int
    edited: str
    descriptor: np.ndarray
    distance: float = float('nan')
    T_base_bottleneck: np.ndarray | None = None
    interaction: 'Interaction | None' = None
