"""What the tool did before the bottleneck: not stored, but still in the recording that a demonstration came from."""

from pathlib import Path

import numpy as np

from mt3_common import se3
from mt3_common.demonstration import Demonstration, Interaction
from mt3_common.errors import InvalidInput
from mt3_common.robot import RobotConfig
from mt3_teach.config import ImportConfig
from mt3_teach.import_part import open_bag, source_key
from mt3_teach.tool_path import ToolPath

__all__ = ['find_bag', 'lead_in']

_FOLDERS = ('~/.mt3/bags', '~/.mt3/sim/bags')  # where the recorder puts them
_LONGEST_S = 10.0
_FAR_M = 0.01
_LOOK_S = np.array([0.0, 0.2, 0.4])  # of the interaction, to tell two visits of one place apart


def find_bag(demo: Demonstration, folders: tuple[str, ...] = _FOLDERS) -> Path | None:
    """Return the bag that a demonstration came from, where it is still there and unchanged."""
    name, key = demo.provenance.get('source', ''), demo.provenance.get('source_key', '')
    for folder in folders:
        path = Path(folder).expanduser() / name
        if name and key and path.exists() and source_key(path) == key:
            return path
    return None


def lead_in(
    demo: Demonstration, bag: Path, robot: RobotConfig | None = None, config: ImportConfig | None = None
) -> Interaction:
    """Return the tool's path up to the bottleneck, of at most 10 s, with its own start as origin.

    Raises:
        InvalidInput: The tool is never at the bottleneck in that bag.
        MT3Error: The bag cannot be read.
    """
    config = config or ImportConfig()
    with open_bag(bag, robot or RobotConfig(), config) as opened:
        path = opened.path
    at = _time_of_bottleneck(demo, path)
    first = max(float(path.time_s[0]), at - _LONGEST_S)
    if at - first < 0.1:
        raise InvalidInput(f'the recording {bag} begins at the bottleneck: there is nothing before it')
    time_s = np.append(np.arange(first, at - 1e-3, 1.0 / config.rate_hz), at)
    T = path.at(time_s)
    T[-1] = demo.T_base_bottleneck
    opening = np.full(len(time_s), demo.interaction.gripper_opening[0])
    return Interaction(time_s - first, se3.inverse(T[0]) @ T, opening, demo.interaction.gripper_max_width_m)


def _time_of_bottleneck(demo: Demonstration, path: ToolPath) -> float:
    """Return when the tool was at the bottleneck and went on as the interaction does [s]."""
    wanted = demo.T_base_bottleneck @ se3.interpolate(
        demo.interaction.time_s, demo.interaction.T_bottleneck_tcp, _LOOK_S
    )
    found = [path.at(path.time_s + after)[:, :3, 3] for after in _LOOK_S]
    away = np.stack([np.linalg.norm(p - T[:3, 3], axis=1) for p, T in zip(found, wanted, strict=True)])
    k = int(np.argmin(away.sum(axis=0)))
    if away[0, k] > _FAR_M:
        raise InvalidInput(
            f'the tool is never at the bottleneck in that recording ({1e3 * away[0].min():.0f} mm away at best): is it '
            'the bag of this demonstration?'
        )
    return float(path.time_s[k])
