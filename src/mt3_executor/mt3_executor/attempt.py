"""One attempt at a task: once it is prepared, approach, interact and verify; and the way back out of it."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mt3_common.errors import Status, StatusCode
from mt3_common.scene import Scene
from mt3_executor.actor import Actor
from mt3_executor.effect import Kind
from mt3_executor.evidence import STILL_THERE, look_up
from mt3_executor.gripper_events import first_gripper_command
from mt3_executor.held import HeldObject, points_in_hand
from mt3_executor.outcome import Outcome, check_outcome, in_hand_shift
from mt3_executor.ports import Retrieved, StopSignal
from mt3_executor.preparation import Preparation
from mt3_executor.recovery import AttemptReport, Memory
from mt3_executor.retreat import Driven, go_back
from mt3_executor.task import EndedError, Phase, PhaseTimer, Report, TaskGoal, TaskResult, need

if TYPE_CHECKING:
    from mt3_executor.execution import TaskRunner
    from mt3_executor.record import RunRecord

__all__ = ['Attempt']


class Attempt:
    """One try.

    Attributes:
        report: How it went.
    """

    def __init__(
        self,
        runner: 'TaskRunner',
        number: int,
        goal: TaskGoal,
        stop: StopSignal,
        feedback: Report,
        record: 'RunRecord',
        result: TaskResult,
        memory: Memory,
    ) -> None:
        self._cell, self._stop, self._record, self._result = runner, stop, record, result
        self._config, self._player = runner.config, runner.player
        speed = goal.speed_scale or runner.config.execution.speed_scale
        self._act = Actor(runner, stop, feedback, number, speed)
        self.report = AttemptReport(number)
        self._ready = Preparation(runner, goal, stop, self._act, record, result, self.report, memory, speed)
        self._driven: list[Driven] = []
        self._finished = False

    @property
    def retrieved(self) -> Retrieved | None:
        """What retrieval said; None before."""
        return self._ready.retrieved

    def prepare(self, force: tuple[str, int]) -> None:
        """Look, retrieve, plan.

        Args:
            force: Demonstration and object to use; '' and 0 leave the choice.

        Raises:
            EndedError: Any of them says no.
        """
        self._ready.run(force)

    # ------------------------------------------------------------- moving

    def carry_out(self) -> None:
        """Move: gripper, approach, interaction; then judge.

        Raises:
            EndedError: Something failed, or the outcome is not what was demonstrated.
        """
        plan = self._ready.plan
        need(self._young())
        need(self._cell.guard.may_move())
        self.report.phase, self.report.moved = 'approach', True
        with PhaseTimer(self._result, 'approach'):
            words = 'going to the bottleneck'
            self._act.say(Phase.APPROACH, 0.0, words)
            opening = first_gripper_command(
                plan.opening,
                self._cell.gripper.opening(),
                self._ready.starts_held,
                self._config.planning.gripper_event_tolerance,
            )
            if opening is not None:
                self._act.grip(opening, Phase.APPROACH)
            else:
                self._player.untouched_hand(plan.opening)
            if plan.approach is not None:
                self._act.move(
                    plan.approach,
                    Phase.APPROACH,
                    lambda share: self._act.say(Phase.APPROACH, share, words),
                    self._young,
                )
        if self._config.recovery.look_before:
            self._look_before()
        self.report.phase = 'interact'
        with PhaseTimer(self._result, 'interact'):
            self._interact()
        self.report.phase = 'verify'
        with PhaseTimer(self._result, 'verify'):
            self._verify()

    def _young(self) -> Status:
        """Refuse a plan whose scene is too old, after a long pause too."""
        age, limit = self._cell.now_s() - self._ready.seen_at, self._config.execution.plan_max_age_s
        if age <= limit:
            return Status()
        text = f'the scene is {age:.0f} s old before the arm goes to the object (limit {limit:g} s); ask again'
        return Status(StatusCode.STALE_SCENE, text)

    def _look_before(self) -> None:
        """Refuse to touch an object that is no longer where it was seen; the arm may stand in the picture."""
        points = self._ready.effect.points
        if not len(points):
            return
        self._act.say(Phase.APPROACH, 1.0, 'looking whether the object is still there')
        with PhaseTimer(self._result, 'look_before'):
            capture = self._cell.sense.capture(self._stop)
        if self._stop.is_set():
            raise EndedError(self._stop.status)
        if not capture.status.ok:  # not needed: the plan is young enough
            self._act.say(Phase.APPROACH, 1.0, f'could not look again: {capture.status}')
            return
        found = look_up(points, capture.scene)
        if found.tells and found.explained < STILL_THERE:
            text = (
                f'the object was moved since it was seen: {found.explained:.0%} of what nothing hides is where it was '
                f'(limit {STILL_THERE:.0%}); nothing was touched'
            )
            raise EndedError(Status(StatusCode.STALE_SCENE, text))

    def _interact(self) -> None:
        plan = self._ready.plan
        total = max(1e-6, sum(s.trajectory.duration_s for s in plan.segments))
        done, grasped = 0.0, False
        closings = [k for k, s in enumerate(plan.segments) if s.then_opening is not None and s.then_opening < s.opening]
        for k, segment in enumerate(plan.segments):
            share = segment.trajectory.duration_s / total

            def progress(part: float, done: float = done, share: float = share) -> None:
                self._act.say(Phase.INTERACT, min(1.0, done + share * part), 'replaying the interaction')

            if np.ptp(segment.trajectory.position, axis=0).max() > 1e-6:
                pressing = self._config.execution.contact_tolerance_rad
                begins = pressing if self._driven else 0.0
                part = replace(segment.trajectory, goal_tolerance_rad=pressing, start_tolerance_rad=begins, replay=True)
                self._driven.append(Driven(segment.trajectory, grasped))
                self._act.move(part, Phase.INTERACT, progress)
            else:  # the demonstration stands still, so do we
                self._act.wait(segment.trajectory.duration_s)
            done += share
            if segment.then_opening is None:
                continue
            closing = segment.then_opening < segment.opening
            self._act.say(Phase.INTERACT, min(1.0, done), f'{"closing" if closing else "opening"} the gripper')
            self._act.grip(segment.then_opening, Phase.INTERACT)
            self._act.wait(self._config.execution.gripper_settle_s)
            grasped = closing and self._grasped(segment.then_opening)
            if not grasped and closing and k == closings[-1] and self._ready.effect.kind in (Kind.HELD, Kind.CARRIED):
                self._judge(None, self._player.hand.opening)  # the fingers met: what follows would be done with nothing
        self._finished = True

    def _grasped(self, commanded: float) -> bool:
        """Look at the fingers once they have settled; unknown counts as grasped."""
        self._player.know_hand(commanded)
        hand = self._player.hand
        return hand is None or hand.opening > self._config.execution.closed_opening

    # ------------------------------------------------------------- judging

    def _verify(self) -> None:
        self._act.say(Phase.VERIFY, 0.0, 'checking the outcome')
        after = None
        look = self._config.recovery.look_after
        if look != 'never' and self._ready.effect.kind is not Kind.NONE:
            if look == 'home':
                self._act.go_home(Phase.VERIFY)
            self._act.say(Phase.VERIFY, 0.5, 'looking again')
            capture = self._cell.sense.capture(self._stop)
            if self._stop.is_set():
                raise EndedError(self._stop.status)
            after = capture.scene if capture.status.ok else None
            if after is not None:
                self._record.scene(after, 'after')
        self._judge(after, self._cell.gripper.opening())
        self._remember_held(after)

    def _judge(self, after: Scene | None, opening: float | None) -> None:
        interaction = self._ready.retrieved.interaction
        outcome = check_outcome(
            self._ready.effect,
            opening,
            self._config.execution.closed_opening,
            interaction.gripper_max_width_m,
            self._ready.capture.scene,
            after,
            float(interaction.gripper_opening[-1]),
            self._config.recovery.decisive,
        )
        self._result.outcome: Outcome = outcome
        self.report.outcome, self.report.confidence = outcome.text, outcome.confidence
        self._act.say(Phase.VERIFY, 1.0, outcome.text)
        if outcome.checked and not outcome.ok:
            raise EndedError(Status(StatusCode.OUTCOME_FAILED, outcome.text))

    def _remember_held(self, after: Scene | None) -> None:
        """Keep what is in the hand now for the next task."""
        if self._ready.effect.kind is Kind.PLACED:
            self._cell.held = None
        recovery, opening = self._config.recovery, self._cell.gripper.opening()
        if self._ready.effect.kind is not Kind.HELD or opening is None:
            return
        T_base_tcp = self._ready.plan.T_base_bottleneck @ self._ready.retrieved.interaction.T_bottleneck_tcp[-1]
        seen = after if recovery.look_after == 'in_place' else None
        shift = (
            None if seen is None else in_hand_shift(self._ready.effect, T_base_tcp, seen, recovery.in_hand_largest_m)
        )
        points = points_in_hand(self._ready.target_points, self._ready.effect.T_base_tcp, shift)
        self._cell.held = HeldObject(
            self._ready.retrieved.task, self._ready.retrieved.demonstration_id, opening, shift, points
        )

    # ------------------------------------------------------------- the way back

    @property
    def repeatable(self) -> bool:
        """Whether the hand can begin anew: what it held at the start, it still holds."""
        released = (
            self._ready.effect.kind is Kind.PLACED and self._player.hand is not None and not self._player.hand.holding
        )
        return not (self._ready.starts_held and released)

    def go_back(self) -> None:
        """Clear the way for another attempt; see `mt3_executor.retreat`.

        Raises:
            EndedError: The way back failed, or a stop was asked for.
        """
        execution = self._config.execution
        keep = self._ready.starts_held
        tolerance = 2.0 * execution.start_tolerance_rad
        with PhaseTimer(self._result, 'recover'):
            go_back(self._act, self._player, self._driven, self._finished, self._ready.plan.opening, keep, tolerance)
