"""Scenes that several tests look at."""

import threading

import numpy as np
import pytest

from mt3_perception.testing import Solid, TableTop, depth_noise, look_at


@pytest.fixture(scope='session')
def table_view():
    """Five different objects, well apart, seen with noise."""
    solids = (
        Solid('box', 0.45, -0.15, (0.12, 0.06, 0.08), 0.6, color=(180, 40, 40)),
        Solid('cylinder', 0.60, -0.02, (0.06, 0.06, 0.12), color=(40, 60, 190), stripe=(230, 230, 230)),
        Solid('cup', 0.48, 0.12, (0.09, 0.09, 0.09), color=(220, 220, 60)),
        Solid('sphere', 0.62, 0.20, (0.07, 0.07, 0.07), color=(40, 160, 70)),
        Solid('box', 0.40, 0.01, (0.05, 0.03, 0.02), 0.2, color=(30, 30, 30)),
    )
    view = TableTop(solids).view(look_at((1.15, 0.1, 0.75), (0.5, 0.0, 0.02)))
    return view, depth_noise(view.depth_m, np.random.default_rng(0))


@pytest.fixture(scope='session')
def picture():
    """A small picture of three objects."""
    solids = (
        Solid('box', 0.5, -0.12, (0.1, 0.07, 0.06), 0.3, color=(180, 40, 40)),
        Solid('cylinder', 0.6, 0.1, (0.07, 0.07, 0.1), color=(40, 60, 190)),
        Solid('box', 0.42, 0.08, (0.06, 0.05, 0.05), 1.0, color=(20, 150, 90)),
    )
    return TableTop(solids).view(look_at((1.15, 0.1, 0.75), (0.5, 0.0, 0.02)), 320, 240, 300.0)


@pytest.fixture
def start(ros_domain, picture):
    """Give a function that starts the node and a camera, and returns the camera; all is ended afterwards."""
    import rclpy
    from rclpy.exceptions import InvalidHandle
    from rclpy.executors import MultiThreadedExecutor
    from rclpy.parameter import Parameter

    from mt3_perception.node import PerceptionNode
    from mt3_perception.ros_testing import FakeCamera

    rclpy.init()
    executor = MultiThreadedExecutor(num_threads=8)
    nodes = []

    def begin(calibrated=True, topics=('color', 'depth', 'info'), kinds=None, **parameters):
        overrides = [Parameter(name.replace('__', '.'), value=value) for name, value in parameters.items()]
        node = PerceptionNode(parameter_overrides=overrides)
        camera = FakeCamera(picture, topics, **(kinds or {}))
        camera.perception = node
        if calibrated:
            camera.calibrate()
        for one in (node, camera):
            executor.add_node(one)
            nodes.append(one)
        return camera

    def spin():
        try:
            executor.spin()
        except (InvalidHandle, RuntimeError):  # the end of the test: what it waited for is destroyed, its pool closed
            return

    thread = threading.Thread(target=spin)
    thread.start()
    yield begin
    executor.shutdown()
    thread.join()
    for node in nodes:
        node.destroy_node()
    rclpy.try_shutdown()
