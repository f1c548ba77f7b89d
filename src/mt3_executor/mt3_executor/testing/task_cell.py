"""A task's state machine among fakes; for tests."""

from mt3_executor.backends.embedded import EmbeddedBackend
from mt3_executor.config import ExecutionConfig, ExecutorConfig
from mt3_executor.execution import TaskGoal, TaskRunner
from mt3_executor.ports import StopSignal
from mt3_executor.record import RunRecord
from mt3_executor.safety_config import RecoveryConfig
from mt3_executor.testing.fake_ports import FakeArm, FakeGripper, FakeSense
from mt3_executor.testing.scenes import above, grasp

__all__ = ['TaskCell', 'TwiceCell']

QUICK = ExecutorConfig(execution=ExecutionConfig(gripper_settle_s=0.0))


class TaskCell:
    """A runner among fakes."""

    def __init__(self, panda, config=QUICK):
        self.arm = FakeArm(panda.home.copy())
        self.gripper = FakeGripper(blocked_at=0.5)
        self.sense = FakeSense(above(0.5, 0.1, 0.2), grasp())
        self.stop = StopSignal()
        self.feedback = []
        self.model = panda
        backend = EmbeddedBackend(lambda: self.model, self.arm, config.planning)
        self.runner = TaskRunner(backend, self.gripper, self.sense, config)

    def run(self, goal=None, folder=None):
        """Do a task and return its result."""
        goal = goal or TaskGoal(task='pick up the box')
        return self.runner.run(goal, self.stop, lambda *f: self.feedback.append(f), RunRecord(folder))


class TwiceCell(TaskCell):
    """Misses at the first attempts: the fingers meet until `grasps_from`."""

    def __init__(self, panda, grasps_from=2, **recovery):
        super().__init__(
            panda,
            ExecutorConfig(execution=ExecutionConfig(gripper_settle_s=0.0), recovery=RecoveryConfig(**recovery)),
        )
        self.sense.interaction = grasp(closed=0.0)
        self.gripper.blocked_at = 0.0
        self.looks, capture = 0, self.sense.capture

        def look(stop):
            self.looks += 1
            retrieves = len(self.sense.asked) + 1
            self.gripper.blocked_at = 0.5 if retrieves >= grasps_from else 0.0
            return capture(stop)

        self.sense.capture = look
