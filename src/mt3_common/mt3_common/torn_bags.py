"""What is left of a bag whose recording did not end properly: the whole records of its file, and its text pairs.

rosbag2 writes the text pairs of a bag into `metadata.yaml` when it is finished. Until then they lie beside the data in
`unfinished.json`, so that the task of a recording that was cut off is known.
"""

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path

from mt3_common.errors import MT3Error, StatusCode

__all__ = ['drop_pairs', 'read_pairs', 'whole_records', 'write_pairs']

_MAGIC = b'\x89MCAP0\r\n'
_UNFINISHED = 'unfinished.json'


def write_pairs(bag: Path, pairs: Mapping[str, str]) -> None:
    """Keep the text pairs of an unfinished bag.

    Raises:
        OSError: The disk refuses.
    """
    (bag / _UNFINISHED).write_text(json.dumps(dict(pairs)), encoding='utf-8')


def drop_pairs(bag: Path) -> None:
    """Forget them: the bag is finished and carries them itself."""
    (bag / _UNFINISHED).unlink(missing_ok=True)


def read_pairs(bag: Path) -> dict[str, str]:
    """Return the text pairs of an unfinished bag; none where there are none, or where they are torn as well."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        return {str(key): str(value) for key, value in json.loads((bag / _UNFINISHED).read_text()).items()}
    return {}


def whole_records(file: Path) -> bytes:
    """Return the complete records of an MCAP file, closed with an empty summary (see the MCAP specification).

    Raises:
        MT3Error: STORAGE; it is no MCAP file.
    """
    data = file.read_bytes()
    if not data.startswith(_MAGIC):
        raise MT3Error(f'{file} is not an MCAP file', StatusCode.STORAGE)
    end = len(_MAGIC)
    while end + 9 <= len(data):
        op, size = data[end], int.from_bytes(data[end + 1 : end + 9], 'little')
        if op in (0x0F, 0x02) or op == 0 or end + 9 + size > len(data):  # end of data, footer, zeros, torn
            break
        end += 9 + size
    end_of_data = b'\x0f' + (4).to_bytes(8, 'little') + bytes(4)
    footer = b'\x02' + (20).to_bytes(8, 'little') + bytes(20)
    return data[:end] + end_of_data + footer + _MAGIC
