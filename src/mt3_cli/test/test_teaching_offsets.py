"""Words for where things are."""

import numpy as np

from mt3_cli.teaching.offsets import describe_object, describe_tool
from mt3_common import se3


def test_tool_and_object_in_centimetres():
    text = describe_tool(se3.make(None, (0.4, -0.1, 0.25)), (2, np.array([0.05, -0.02, -0.1])))
    assert text == 'tool x 40.0 y -10.0 z 25.0 cm | object 2: 5.0 forward, 2.0 right, top 10.0 below'
    assert describe_tool(np.eye(4), None) == 'tool x 0.0 y 0.0 z 0.0 cm'
    line = describe_object(1, se3.make(None, (0.5, 0.1, 0.05)), np.array([0.08, 0.1, 0.1]), 0.0)
    assert line == 'object 1: middle at x 50.0 y 10.0 cm, top at z 10.0 cm; 10.0 x 8.0 cm, 10.0 cm high'
