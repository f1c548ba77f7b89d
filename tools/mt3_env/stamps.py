"""Remembers what was done, by a hash of what went in, so that a second run has nothing to do."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def digest(files: Iterable[Path], *words: str) -> str:
    """Return a hash over names and contents of files, and further words."""
    total = hashlib.sha256()
    for word in words:
        total.update(word.encode() + b'\0')
    for path in sorted(files):
        total.update(str(path).encode() + b'\0' + path.read_bytes() + b'\0')
    return total.hexdigest()


def is_current(stamp: Path, value: str) -> bool:
    """Whether the stamp holds this hash."""
    return stamp.exists() and stamp.read_text() == value


def write(stamp: Path, value: str) -> None:
    """Remember this hash."""
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(value)
