"""The way out of an attempt that failed: let go, back along the interaction where that is free, and home.

What hangs in the hand is put back where it was taken. A hand that has ended the interaction stands where the
demonstration ended, in the open; one that broke off goes back the way it came.
"""

from dataclasses import dataclass

from mt3_common.errors import Status, StatusCode
from mt3_executor.actor import Actor
from mt3_executor.player import Player
from mt3_executor.resume import nearest_time, rest_of, reversed_trajectory
from mt3_executor.task import EndedError, Phase, need
from mt3_executor.trajectory import JointTrajectory

__all__ = ['Driven', 'go_back']


@dataclass(frozen=True, eq=False)
class Driven:
    """A stretch of the interaction that was begun, and whether something was held meanwhile."""

    trajectory: JointTrajectory
    grasped: bool


def go_back(
    actor: Actor, player: Player, driven: list[Driven], finished: bool, open_to: float, keep: bool, tolerance_rad: float
) -> None:
    """Bring the arm out of the way.

    Args:
        actor: Moves.
        player: Knows what the hand does.
        driven: What was driven of the interaction, in its order.
        finished: Whether that was all of it.
        open_to: Opening to let go with.
        keep: The hand held something from the start: it must not open.
        tolerance_rad: How far the arm may stand off the path that it came.

    Raises:
        EndedError: The way back failed, or a stop was asked for.
    """
    holding = player.holds_something()
    if not holding and not keep:
        actor.say(Phase.RECOVER, 0.0, 'opening the hand')
        actor.grip(open_to, Phase.RECOVER)
    if holding or keep or not finished:
        _along(actor, player, driven, holding and not keep, open_to, tolerance_rad)
    actor.say(Phase.RECOVER, 0.6, 'driving home, out of the camera view')
    actor.go_home(Phase.RECOVER)


def _along(
    actor: Actor, player: Player, driven: list[Driven], let_go: bool, open_to: float, tolerance_rad: float
) -> None:
    """Drive the stretches backwards, letting go where the thing was taken."""
    actor.say(Phase.RECOVER, 0.2, 'going back along the interaction')
    for index, stretch in enumerate(reversed(driven)):
        if let_go and not stretch.grasped:
            actor.say(Phase.RECOVER, 0.4, 'letting go where it was taken')
            actor.grip(open_to, Phase.RECOVER)
            let_go = False
        back = reversed_trajectory(stretch.trajectory)
        if index == 0:  # it may have been broken off anywhere
            status, q = player.joints()
            need(status)
            at, away = nearest_time(back, q)
            if away > tolerance_rad:
                text = f'the arm stands {away:.3f} rad off the path that it came; bring it back by hand'
                raise EndedError(Status(StatusCode.HARDWARE, text))
            back = rest_of(back, q, at)
        if back is not None:
            actor.move(back, Phase.RECOVER)
    if let_go:
        actor.grip(open_to, Phase.RECOVER)
