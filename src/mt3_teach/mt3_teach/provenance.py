"""When a demonstration was recorded, and where it came from."""

from datetime import datetime, timezone

from mt3_common.errors import InvalidInput
from mt3_teach.bag_demo import BagDemo

__all__ = ['provenance_of', 'recorded_at']


def recorded_at(demo: BagDemo, stamp_s: float) -> datetime:
    """Return the scene's time; of a simulated clock that starts near 0, the time at which the recorder began."""
    began = demo.custom_data.get('started_at')
    if stamp_s < 1e8 and began:
        try:
            return datetime.fromisoformat(began)
        except ValueError as error:
            raise InvalidInput(f'the bag says it started at {began!r}, which is no ISO date') from error
    return datetime.fromtimestamp(stamp_s, timezone.utc)


def provenance_of(demo: BagDemo, key: str, operator: str) -> dict[str, str]:
    """Return the pairs that are stored: the bag and how to know it again, its camera, and what its recorder wrote."""
    pairs = {'source': demo.path.name, 'source_sha256': demo.digest, 'source_key': key, 'camera': demo.camera_frame}
    if operator or demo.custom_data.get('operator'):
        pairs['operator'] = operator or demo.custom_data['operator']
    for name in ('licence', 'calibrated_at', 'sim_scene'):  # `mt3 teach check` sets up the scene of the cell again
        if demo.custom_data.get(name):
            pairs[name] = demo.custom_data[name]
    return pairs
