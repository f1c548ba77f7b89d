"""Where would the gripper go for a task? Prints the ranking and the bottleneck, and keeps the picture.

ros2 run mt3_example ask pick up the mug
"""

import sys

import rclpy
from rclpy.node import Node

from mt3_interfaces.msg import Status
from mt3_interfaces.srv import RetrieveDemo


class Asker(Node):
    """Calls /mt3/retrieve and shows the answer."""

    def __init__(self) -> None:
        super().__init__('asker')
        self._client = self.create_client(RetrieveDemo, '/mt3/retrieve')

    def ask(self, task: str) -> RetrieveDemo.Response:
        """Return the answer for the scene that the camera sees now."""
        if not self._client.wait_for_service(timeout_sec=15.0):
            raise RuntimeError('nobody offers /mt3/retrieve; is the retrieval node running?')
        future = self._client.call_async(RetrieveDemo.Request(task=task, max_candidates=5))
        rclpy.spin_until_future_complete(self, future, timeout_sec=30.0)
        if not future.done():
            raise RuntimeError('/mt3/retrieve did not answer within 30 s')
        return future.result()


def main() -> int:
    """Ask for the task on the command line; 0 when it may be acted on."""
    rclpy.init()
    node = Asker()
    try:
        answer = node.ask(' '.join(sys.argv[1:]) or 'pick up the mug')
    finally:
        node.destroy_node()
        rclpy.shutdown()
    for candidate in answer.candidates:  # best first, each with its reason
        print(f'{candidate.demonstration_id[:8]} on object {candidate.object_id}: {candidate.reason}')
    if answer.overlay.data:
        with open('overlay.png', 'wb') as picture:
            picture.write(bytes(answer.overlay.data))
    if answer.status.code != Status.OK:
        print(f'refused: {answer.status.message}')
        return 1
    p = answer.bottleneck.pose.position
    print(f'bottleneck at ({p.x:.3f}, {p.y:.3f}, {p.z:.3f}) m in {answer.bottleneck.header.frame_id}')
    print(f'confidence {answer.alignment.confidence:.2f}, {len(answer.alternative_bottlenecks)} others are as right')
    return 0


if __name__ == '__main__':
    sys.exit(main())
