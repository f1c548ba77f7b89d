"""The executor node: the ExecuteTask action, its safety stops, and the folder every run leaves.

Threading: one task at a time runs in the thread of its action callback and blocks there; everything it waits
for (joint states, services, drivers, cancel requests, the emergency stop) arrives in other threads of the
multi-threaded executor. A stop is a `StopSignal` that those threads set and the task's thread obeys.
"""

import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from rclpy.action import ActionServer, CancelResponse
from rclpy.action.server import ServerGoalHandle
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.node import Node

from mt3_common.config import load_config, save_config
from mt3_common.conversions import status_to_msg, timings_to_msg
from mt3_common.errors import MT3Error, Status, StatusCode
from mt3_common.executor import InlineGroup
from mt3_common.node_runner import run
from mt3_common.parameters import declare
from mt3_common.robot import RobotConfig
from mt3_common.run_folder import new_run_folder
from mt3_executor.arm_client import ArmClient, JointStates
from mt3_executor.backends.choice import make_backend
from mt3_executor.config import ExecutorConfig
from mt3_executor.description import DESCRIPTIONS, RobotDescription
from mt3_executor.emergency import EmergencyStop
from mt3_executor.execution import Phase, TaskGoal, TaskResult, TaskRunner
from mt3_executor.gripper_client import make_gripper
from mt3_executor.ports import PauseSignal, StopSignal
from mt3_executor.record import RunRecord
from mt3_executor.run_bag import RunBag
from mt3_executor.safety_client import PauseServices, RosGuard
from mt3_executor.sense_client import SenseClient
from mt3_executor.servo_client import ServoArm
from mt3_executor.trial_log import TrialLog, rows_of
from mt3_interfaces.action import ExecuteTask

__all__ = ['ExecutorNode', 'main']

_FEEDBACK_PERIOD_S = 0.1
_THREADS = 6


class ExecutorNode(Node):
    """Offers `/mt3/execute`, `/mt3/pause`, `/mt3/resume`, `/mt3/reset_emergency_stop`; hears `/mt3/emergency_stop`."""

    def __init__(self, **arguments: object) -> None:
        super().__init__('executor', **arguments)
        for name in DESCRIPTIONS:
            self.declare_parameter(name, '')
        self.config = declare(self, ExecutorConfig)
        self.robot = load_config(RobotConfig, self.config.robot) if self.config.robot else RobotConfig()
        group = ReentrantCallbackGroup()
        execution = self.config.execution
        self._lock = threading.Lock()
        self._running: tuple[bytes, StopSignal] | None = None
        self._closing = False
        safety = self.config.safety
        self._joints = JointStates(self, self.robot, InlineGroup(), watchdog_s=safety.watchdog_s)
        self._arm: ArmClient | ServoArm = ArmClient(self, self.robot, self._joints, execution)
        self._gripper = make_gripper(self, self.robot, self._joints, execution)
        self._description = RobotDescription(self, group, self.robot, execution.allow_missing_semantic)
        sense = SenseClient(self, group, self.robot.name, self.robot.base_frame, execution, self._now_s)
        description = self._description
        if execution.interaction == 'servo':
            self._arm = ServoArm(self, self._arm, description.model, self.config.servo, execution.joint_state_timeout_s)
        self._backend = make_backend(self.config, self.robot, description.model, self._arm, lambda: description.problem)
        self._pause = PauseSignal()
        guard = RosGuard(self, safety, self.config.monitors)
        self._runner = TaskRunner(
            self._backend, self._gripper, sense, self.config, guard, self._pause, self.robot.arm_joints, self._now_s
        )
        PauseServices(self, group, self._pause, lambda: self._running is not None)
        self._emergency = EmergencyStop(self, group, lambda status: self._stop_running(status))
        self._server = ActionServer(
            self,
            ExecuteTask,
            '/mt3/execute',
            execute_callback=self._execute,
            cancel_callback=self._cancel,
            callback_group=group,
        )
        self.get_logger().info(f'ready for tasks of {self.robot.name} ({self.config.backend} planning)')

    def _now_s(self) -> float:
        return self.get_clock().now().nanoseconds * 1e-9

    def _stop_running(self, status: Status) -> None:
        with self._lock:
            if self._running is not None:
                self._running[1].request(status.code, status.message)

    def _cancel(self, handle: ServerGoalHandle) -> CancelResponse:
        with self._lock:
            if self._running is not None and self._running[0] == bytes(handle.goal_id.uuid):
                self._running[1].request(StatusCode.CANCELLED, 'cancelled by the caller')
        return CancelResponse.ACCEPT

    def _begin(self, handle: ServerGoalHandle) -> StopSignal:
        """Claim the arm for one goal.

        Raises:
            MT3Error: BUSY, EMERGENCY_STOP or CANCELLED.
        """
        with self._lock:
            if self._closing:
                raise MT3Error('the executor is shutting down', StatusCode.CANCELLED)
            if self._running is not None:
                raise MT3Error('another task is running; wait for it or cancel it', StatusCode.BUSY)
            if not self._emergency.status.ok:
                raise MT3Error(self._emergency.status.message, StatusCode.EMERGENCY_STOP)
            stop = StopSignal()
            self._pause.resume()  # a pause belongs to the task that it paused
            self._running = (bytes(handle.goal_id.uuid), stop)
        if handle.is_cancel_requested:
            stop.request(StatusCode.CANCELLED, 'cancelled by the caller')
        return stop

    def _execute(self, handle: ServerGoalHandle) -> ExecuteTask.Result:
        """Serve one goal; the answer is typed whatever happens."""
        try:
            stop = self._begin(handle)
        except MT3Error as error:
            self.get_logger().warning(f'refused "{handle.request.task}": {error.status}')
            handle.abort()
            return ExecuteTask.Result(status=status_to_msg(error.status))
        folder = None
        try:
            folder, result = self._run(handle, stop)
        except MT3Error as error:
            result = TaskResult(error.status)
        except Exception as error:  # a defect of ours must still answer, and must not leave the executor busy
            self.get_logger().error(traceback.format_exc())
            result = TaskResult(Status(StatusCode.INTERNAL, f'{type(error).__name__}: {error}; the log has the trace'))
        finally:
            with self._lock:
                self._running = None
        answer = _answer(result, folder)
        self.get_logger().info(f'"{handle.request.task}": {result.status}')
        if result.status.ok:
            handle.succeed()
        elif handle.is_cancel_requested and result.status.code == StatusCode.CANCELLED:
            handle.canceled()
        else:
            handle.abort()
        return answer

    def _run(self, handle: ServerGoalHandle, stop: StopSignal) -> tuple[Path | None, TaskResult]:
        """Run one task with its record."""
        request = handle.request
        goal = TaskGoal(
            request.task,
            request.demonstration_id,
            bool(request.plan_only),
            int(request.max_attempts),
            float(request.speed_scale),
        )
        self.get_logger().info(f'task "{goal.task}"' + (' (plan only)' if goal.plan_only else ''))
        folder = self._new_folder()
        record = RunRecord(folder, self.robot.arm_joints)
        record.json('request.json', asdict(goal))
        if folder is not None:
            save_config(self.config, folder / 'config.yaml')
        self._joints.start_log()
        begin = time.time()
        try:
            with RunBag(self, folder if self.config.execution.record_bag else None, self.config.execution):
                result = self._runner.run(goal, stop, self._reporter(handle), record)
        finally:
            record.joints(self._joints.take_log())
        record.json('result.json', _plain_result(result))
        if folder is not None:
            self._log_trial(result, goal, folder, begin)
        return folder, result

    def _log_trial(self, result: TaskResult, goal: TaskGoal, folder: Path, begin_s: float) -> None:
        """Add the run to the trial log; a log that cannot be written does not change how the task ended."""
        try:
            rows = rows_of(result, goal, self.robot.name, folder, begin_s)
            TrialLog(self.config.execution.run_directory).append(rows, folder.name)
        except MT3Error as error:
            self.get_logger().error(str(error))

    def _new_folder(self) -> Path | None:
        if not self.config.execution.run_directory:
            return None
        return new_run_folder(self.config.execution.run_directory)

    def _reporter(self, handle: ServerGoalHandle) -> Callable[[Phase, float, str], None]:
        """Return a function that publishes feedback: every change of phase, else at most ten times a second."""
        last: list = [None, 0.0, '']

        def report(phase: Phase, progress: float, text: str) -> None:
            now = time.monotonic()
            if (phase, text) == (last[0], last[2]) and progress < 1.0 and now - last[1] < _FEEDBACK_PERIOD_S:
                return
            last[:] = [phase, now, text]
            handle.publish_feedback(ExecuteTask.Feedback(phase=int(phase), progress=float(progress), text=text))

        return report

    def close(self, timeout_s: float = 3.0) -> None:
        """Take no more tasks, stop the running one, and wait until its arm stands still."""
        with self._lock:
            self._closing = True
        self._stop_running(Status(StatusCode.CANCELLED, 'the executor was told to end'))
        end = time.monotonic() + timeout_s
        while self._running is not None and time.monotonic() < end:
            time.sleep(0.02)  # the node still spins: the drivers' answers arrive

    def destroy_node(self) -> None:
        """Leave the graph."""
        self._server.destroy()
        self._backend.close()
        self._arm.close()
        self._gripper.close()
        super().destroy_node()


def _plain_result(result: TaskResult) -> dict:
    return {
        'status': result.status.code.name,
        'message': result.status.message,
        'demonstration_id': result.demonstration_id,
        'object_id': result.object_id,
        'attempts': result.attempts,
        'history': [
            {**asdict(report), 'status': report.status.code.name, 'message': report.status.message}
            for report in result.history
        ],
        'outcome': asdict(result.outcome),
        'phases_s': result.phases_s,
    }


def _answer(result: TaskResult, folder: Path | None) -> ExecuteTask.Result:
    answer = ExecuteTask.Result(
        status=status_to_msg(result.status),
        demonstration_id=result.demonstration_id,
        object_id=result.object_id,
        attempts=result.attempts,
        history=[str(report) for report in result.history],
        outcome_checked=result.outcome.checked,
        outcome_ok=result.outcome.ok,
        outcome_confidence=float(result.outcome.confidence),
        outcome=result.outcome.text,
        phases=timings_to_msg(result.phases_s),
        run_directory='' if folder is None else str(folder.resolve()),
    )
    if result.alignment is not None:
        answer.alignment = result.alignment
    return answer


def main() -> int:
    """Run the node until it is told to end."""
    return run(ExecutorNode, threads=_THREADS)
