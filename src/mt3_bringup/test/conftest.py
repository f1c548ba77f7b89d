"""What the simulated cell and its nodes must do, whoever started them."""

import pytest


@pytest.fixture
def stack_answers(ros):
    """A function that waits for the nodes and asks for a scene: camera, transforms and perception work together."""

    def check():
        from mt3_common.testing import wait_until
        from mt3_interfaces.srv import CaptureScene

        node = ros.node()

        def nodes():
            return set(node.get_node_names())

        wanted = {'cell', 'perception', 'retrieval', 'executor', 'recorder'}
        wait_until(lambda: wanted <= nodes(), 240.0, f'the presence of {sorted(wanted)}')
        response = ros.call(node, CaptureScene, '/mt3/capture_scene', CaptureScene.Request(), 60.0)
        assert response.status.code == 0, response.status.message
        assert len(response.scene.objects) >= 1
        assert response.scene.header.frame_id == 'panda_link0'

    return check
