"""The ChArUco board: printing it, and finding it in a picture."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from PIL import Image

from mt3_common import se3
from mt3_common.config import Config, setting
from mt3_common.errors import InvalidInput

__all__ = ['BoardConfig', 'BoardView', 'CharucoBoard']

_MIN_CORNERS = 8


class BoardConfig(Config):
    """A board. Measure the printed squares with a ruler: printers scale."""

    columns: int = setting(7, 'squares along its longer edge', 'squares', ge=3, le=40)
    rows: int = setting(5, 'squares along its shorter edge', 'squares', ge=3, le=40)
    square_m: float = setting(0.036, 'edge of a square', 'm', ge=0.005, le=0.5)
    marker_m: float = setting(0.027, 'edge of a marker', 'm', ge=0.003, le=0.5)
    dictionary: Literal['4X4_50', '4X4_100', '5X5_50', '5X5_100', '6X6_100', '6X6_250'] = setting(
        '5X5_100', 'of the markers'
    )


@dataclass(frozen=True, eq=False)
class BoardView:
    """Inner corners of the squares in one picture.

    Attributes:
        ids: (N,) numbers of the corners.
        pixels: (N, 2) (u, v) [pixel].
        points: (N, 3) board frame: x along the columns, y along the rows, z = 0 [m].
    """

    ids: np.ndarray
    pixels: np.ndarray
    points: np.ndarray

    def pose(self, K: np.ndarray) -> np.ndarray:
        """Return T_camera_board (4, 4) [m] for K (3, 3) [pixel]."""
        _, rotation, translation = cv2.solvePnP(self.points, self.pixels, K, None, flags=cv2.SOLVEPNP_IPPE)
        rotation, translation = cv2.solvePnPRefineLM(self.points, self.pixels, K, None, rotation, translation)
        return se3.make(cv2.Rodrigues(rotation)[0], np.ravel(translation))


class CharucoBoard:
    """Draws the board and finds it.

    Raises:
        InvalidInput: Markers larger than squares, or more squares than the dictionary has markers.
    """

    def __init__(self, config: BoardConfig) -> None:
        self.config = config
        if config.marker_m >= config.square_m:
            raise InvalidInput(f'marker_m {config.marker_m} must be smaller than square_m {config.square_m}')
        dictionary = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, f'DICT_{config.dictionary}'))
        needed, there = config.columns * config.rows // 2, len(dictionary.bytesList)
        if needed > there:
            raise InvalidInput(f'the board needs {needed} markers, the dictionary {config.dictionary} has {there}')
        self._board = cv2.aruco.CharucoBoard(
            (config.columns, config.rows), config.square_m, config.marker_m, dictionary
        )
        self._detector = cv2.aruco.CharucoDetector(self._board)
        self.corners = np.asarray(self._board.getChessboardCorners(), np.float64)  # (M, 3) board frame [m]

    @property
    def middle(self) -> np.ndarray:
        """Its middle (3,), board frame [m]."""
        return self.corners.mean(axis=0)

    def draw(self, pixels_per_square: int, margin: int = 0) -> np.ndarray:
        """Return the board (H, W) uint8, with a white margin [pixel]."""
        width, height = self.config.columns * pixels_per_square, self.config.rows * pixels_per_square
        picture = self._board.generateImage((width, height))
        return cv2.copyMakeBorder(picture, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=255)

    def print_to(self, path: Path, dpi: int = 300) -> None:
        """Write the board as a .png or .pdf that prints in its size.

        Raises:
            InvalidInput: Another kind of file.
        """
        if path.suffix.lower() not in ('.png', '.pdf'):
            raise InvalidInput(f'the board is written as .png or .pdf: got {path.name!r}')
        per_square = round(self.config.square_m / 0.0254 * dpi)
        exact = per_square / self.config.square_m * 0.0254  # a whole number of pixels per square
        picture = self.draw(per_square, margin=round(0.01 / 0.0254 * exact))
        if path.suffix.lower() == '.png':
            Image.fromarray(picture).save(path, dpi=(exact, exact))
        else:
            Image.fromarray(picture).save(path, resolution=exact)

    def find(self, rgb: np.ndarray) -> BoardView | None:
        """Return the board in a picture (H, W, 3) uint8, None when too little of it is seen."""
        gray = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
        pixels, ids, _, _ = self._detector.detectBoard(gray)
        if ids is None or len(ids) < _MIN_CORNERS:
            return None
        ids, pixels = np.ravel(ids), np.reshape(pixels, (-1, 2)).astype(np.float64)
        points = self.corners[ids]
        if np.linalg.matrix_rank(points[:, :2] - points[0, :2], tol=1e-6) < 2:
            return None  # corners in one line say nothing about the turn around it
        return BoardView(ids, pixels, points)
