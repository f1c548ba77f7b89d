"""From a bag to a demonstration in the library.

Works alike on bags of our recorder and of plain `ros2 bag record` (MCAP or sqlite3): events and custom data are used
where they are, and rules that are written down in each step's module where they are not. The steps themselves are in
`import_part`.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mt3_common.errors import MT3Error, Status, StatusCode
from mt3_common.robot import RobotConfig
from mt3_teach.config import ImportConfig
from mt3_teach.findings import errors_of
from mt3_teach.import_part import ImportResult, Wanted, import_part, open_bag
from mt3_teach.parts import find_parts

__all__ = ['ImportResult', 'Wanted', 'import_bag', 'import_parts', 'store']


def import_bag(
    path: str | Path,
    *,
    robot: RobotConfig,
    task: str | None = None,
    library: Any = None,
    pixel: tuple[int, int] | None = None,
    point: np.ndarray | None = None,
    text: str = '',
    tags: tuple[str, ...] = (),
    notes: str = '',
    simulated: bool | None = None,
    operator: str = '',
    force: bool = False,
    config: ImportConfig | None = None,
) -> ImportResult:
    """Turn a bag into a demonstration and store it. A bag of several gives the last; `import_parts` gives them all.

    Args:
        path: Folder of the bag.
        robot: The arm that was recorded.
        task: Free text; None: as the recorder wrote it into the bag.
        library: A `DemoLibrary`, or its URI; None: store nothing.
        pixel: (u, v) of the object in the scene's colour image; at most one of pixel, point and text.
        point: (3,) on the object, base frame [m].
        text: Words for the object, see `choose_text`. Without any of the three, the object on which the tool acts.
        tags: Stored with it.
        notes: Stored with it.
        simulated: Recorded in simulation; None: as the recorder wrote it, else no.
        operator: Who taught it, for provenance.
        force: Store although the linter finds errors.
        config: Topics and limits; None: the defaults.

    Raises:
        MT3Error: STORAGE, the bag or the library cannot be read or written; NO_DATA, something needed is not in
            the bag; OBJECT_NOT_FOUND; CALIBRATION; INVALID_INPUT.
    """
    wanted = Wanted(task, pixel, point, text, tags, notes, simulated, operator)
    config = config or ImportConfig()
    with open_bag(path, robot, config) as bag:
        return store(import_part(bag, wanted, robot, config), library, force)


def import_parts(
    path: str | Path, wanted: Wanted, *, robot: RobotConfig, config: ImportConfig | None = None
) -> list[ImportResult]:
    """Turn a bag into as many demonstrations as it holds (see `parts`); nothing is stored.

    Raises:
        MT3Error: As `import_bag`; one part that cannot be read refuses the bag, and names the part.
    """
    config = config or ImportConfig()
    with open_bag(path, robot, config) as bag:
        spans = find_parts(bag.demo, bag.path, config)
        results = []
        for number, (begin, end) in enumerate(spans, 1):
            try:
                results.append(import_part(bag.part(begin, end), wanted, robot, config))
            except MT3Error as error:
                if len(spans) == 1:
                    raise
                raise MT3Error(f'demonstration {number} of {len(spans)} in the bag: {error}', error.code) from error
        return results


def store(result: ImportResult, library: Any, force: bool = False) -> ImportResult:
    """Put an import's demonstration into a library unless the linter found errors.

    Args:
        library: A `DemoLibrary` or its URI; None stores nothing.
        force: Store in spite of errors.

    Raises:
        MT3Error: STORAGE; the library refuses.
    """
    errors = errors_of(result.findings)
    status = Status()
    if errors and not force:
        status = Status(
            StatusCode.INVALID_INPUT,
            f'not stored: {len(errors)} error(s): ' + '; '.join(str(e) for e in errors),
        )
    stored = False
    if library is not None and status.ok:
        if isinstance(library, str | Path):
            from mt3_retrieval.library import DemoLibrary  # the database takes a second to import

            library = DemoLibrary.open(str(library))
        result = replace(result, demonstration=library.add(result.demonstration))
        stored = True
    return replace(result, status=status, stored=stored)
