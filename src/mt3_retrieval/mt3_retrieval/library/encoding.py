"""Demonstrations to rows of the library and back. Pictures are PNG, depth is 16 bit millimetres."""

import json
from datetime import datetime, timezone
from typing import Any

import cv2
import numpy as np
import pyarrow as pa

from mt3_common.demonstration import Demonstration, Interaction
from mt3_common.errors import MT3Error, StatusCode
from mt3_retrieval.descriptor import DESCRIPTOR_SIZE
from mt3_retrieval.library.schema import BRIEF_COLUMNS, SCHEMA_VERSION, Brief, Record

__all__ = ['decode', 'decode_briefs', 'decode_record', 'encode', 'encode_path']


def encode(
    demo: Demonstration, descriptor: np.ndarray, text_vector: np.ndarray | None, now: datetime
) -> dict[str, Any]:
    """Return the row of a demonstration."""
    support = float(demo.support_height_m)
    return {
        'id': demo.id,
        'schema_version': SCHEMA_VERSION,
        'task': demo.task,
        'skill': demo.skill,
        'target': demo.target,
        'other': demo.other,
        'robot': demo.robot,
        'dof': int(demo.dof),
        'simulated': bool(demo.simulated),
        'success': demo.success,
        'recorded_at': demo.recorded_at.astimezone(timezone.utc),
        'added_at': now,
        'changed_at': now,
        'removed_at': None,
        'tags': list(demo.tags),
        'notes': demo.notes,
        'provenance': json.dumps(demo.provenance, sort_keys=True),
        'descriptor': np.asarray(descriptor, np.float32).tolist(),
        'stretch': bool(demo.stretch),
        'refine': bool(demo.refine),
        'version': 1,
        'previous': 0,
        'edited': '',
        'text_vector': None if text_vector is None else np.asarray(text_vector, np.float16).tolist(),
        **encode_path(demo),
        'rgb_png': _png(cv2.cvtColor(demo.rgb, cv2.COLOR_RGB2BGR)),
        'depth_png': _png(_millimetres(demo.depth_m)),
        'mask_png': _png(demo.mask.astype(np.uint8) * 255),
        'K': demo.K.ravel().tolist(),
        'T_base_camera': demo.T_base_camera.ravel().tolist(),
        'support_height_m': support if np.isfinite(support) else None,
    }


def encode_path(demo: Demonstration) -> dict[str, Any]:
    """Return the columns of a demonstration's bottleneck and interaction."""
    path = demo.interaction
    return {
        'duration_s': path.duration_s,
        'T_base_bottleneck': demo.T_base_bottleneck.ravel().tolist(),
        'time_s': path.time_s.tolist(),
        'T_bottleneck_tcp': path.T_bottleneck_tcp.ravel().tolist(),
        'gripper_opening': path.gripper_opening.tolist(),
        'gripper_max_width_m': float(path.gripper_max_width_m),
    }


def decode(row: dict[str, Any]) -> Demonstration:
    """Return the demonstration of a whole row.

    Raises:
        MT3Error: Code STORAGE, a picture cannot be read.
    """
    depth = _pixels(row, 'depth_png', cv2.IMREAD_UNCHANGED).astype(np.float32) * np.float32(0.001)
    depth[depth == 0.0] = np.nan
    support = row['support_height_m']
    return Demonstration(
        id=row['id'],
        task=row['task'],
        skill=row['skill'] or '',
        target=row['target'] or '',
        other=row['other'] or '',
        robot=row['robot'],
        dof=row['dof'],
        stretch=row['stretch'] is not False,  # null: a row that somebody else wrote
        refine=row['refine'] is not False,
        simulated=row['simulated'],
        success=row['success'],
        recorded_at=row['recorded_at'].astimezone(timezone.utc),
        tags=tuple(row['tags'] or ()),
        notes=row['notes'] or '',
        provenance=json.loads(row['provenance'] or '{}'),
        T_base_bottleneck=np.array(row['T_base_bottleneck']).reshape(4, 4),
        interaction=_interaction(row),
        rgb=cv2.cvtColor(_pixels(row, 'rgb_png', cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB),
        depth_m=depth,
        mask=_pixels(row, 'mask_png', cv2.IMREAD_GRAYSCALE) > 127,
        K=np.array(row['K']).reshape(3, 3),
        T_base_camera=np.array(row['T_base_camera']).reshape(4, 4),
        support_height_m=float('nan') if support is None else float(support),
    )


def decode_briefs(data: pa.Table) -> list[Brief]:
    """Return the rows of a table with `BRIEF_COLUMNS`."""
    column = data['descriptor'].combine_chunks()
    if column.null_count:  # a row that somebody else wrote: it looks like nothing
        descriptors = np.array([v or [0.0] * DESCRIPTOR_SIZE for v in column.to_pylist()], np.float32)
    else:
        descriptors = np.asarray(column.flatten(), np.float32).reshape(-1, DESCRIPTOR_SIZE)
    words = [data[name].to_pylist() for name in BRIEF_COLUMNS if name != 'descriptor']
    return [
        Brief(id_, task, skill or '', target or '', dof, stretch is not False, refine is not False, changed, descriptor)
        for id_, task, skill, target, dof, stretch, refine, changed, descriptor in zip(*words, descriptors, strict=True)
    ]


def decode_record(row: dict[str, Any]) -> Record:
    """Return the short form of a row; with its path when the columns are there."""
    with_path = 'time_s' in row
    return Record(
        **{
            name: row[name]
            for name in ('id', 'task', 'robot', 'dof', 'simulated', 'success', 'recorded_at', 'added_at', 'changed_at')
        },
        skill=row['skill'] or '',
        target=row['target'] or '',
        other=row['other'] or '',
        stretch=row['stretch'] is not False,
        refine=row['refine'] is not False,
        removed_at=row['removed_at'],
        tags=tuple(row['tags'] or ()),
        notes=row['notes'] or '',
        provenance=json.loads(row['provenance'] or '{}'),
        duration_s=float(row['duration_s'] or 0.0),
        version=row['version'] or 1,
        edited=row['edited'] or '',
        descriptor=np.array(row['descriptor'], np.float32),
        distance=float(row.get('_distance', float('nan'))),
        T_base_bottleneck=np.array(row['T_base_bottleneck']).reshape(4, 4) if with_path else None,
        interaction=_interaction(row) if with_path else None,
    )


def _interaction(row: dict[str, Any]) -> Interaction:
    return Interaction(
        np.array(row['time_s']),
        np.array(row['T_bottleneck_tcp']).reshape(-1, 4, 4),
        np.array(row['gripper_opening']),
        float(row['gripper_max_width_m']),
    )


def _millimetres(depth_m: np.ndarray) -> np.ndarray:
    scaled = np.nan_to_num(depth_m * 1000.0, nan=0.0) + 0.5
    return np.where(scaled < 65536.0, scaled, 0.0).astype(np.uint16)


def _png(pixels: np.ndarray) -> bytes:
    ok, data = cv2.imencode('.png', pixels, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    if not ok:
        raise MT3Error(f'a picture of {pixels.shape} {pixels.dtype} could not be encoded', StatusCode.STORAGE)
    return data.tobytes()


def _pixels(row: dict[str, Any], column: str, mode: int) -> np.ndarray:
    data = row[column]
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), mode) if data else None
    if pixels is None:
        raise MT3Error(
            f'{column} of demonstration {row["id"]} cannot be decoded; remove it and import it again',
            StatusCode.STORAGE,
        )
    return pixels
