"""The one module of ROS conversions: numpy arrays and our data classes to messages and back.

Reading plain messages lives in `mt3_common.messages` (it needs no ROS, so that bags are read with it too) and is
re-exported here. Frames travel in headers; stamps are acquisition times.
"""

from mt3_common import messages
from mt3_common.conversions import own, standard
from mt3_common.conversions.own import *  # noqa: F403
from mt3_common.conversions.standard import *  # noqa: F403
from mt3_common.messages import *  # noqa: F403

__all__ = [*messages.__all__, *standard.__all__, *own.__all__]
