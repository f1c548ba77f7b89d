"""Did what the demonstration did happen here? By the gripper, and by a second look at where things are now.

Two states are told apart: the thing lies where it would be after the task, or where it was before. Only points count at
which the two differ: a knob that turns about its axis, or a sliding door along itself, look alike in both. A failure is
claimed only on evidence that decides (`recovery.decisive`); otherwise the answer is that it cannot be told.
"""

from dataclasses import dataclass

import numpy as np

from mt3_common import se3
from mt3_common.scene import Scene
from mt3_executor.effect import Effect, Kind
from mt3_executor.evidence import Evidence, appeared, away_from, find_shift, look_up
from mt3_executor.safety_config import RecoveryConfig

__all__ = ['Outcome', 'check_outcome', 'in_hand_shift']

_THERE, _STAYED, _GONE = 0.55, 0.75, 0.25  # shares of explained points
_UNCHANGED = 0.88  # the same of all points of the object: below, something of it moved
_NEW_PIXELS = 40  # of a thing that was put down
_PLACE_RADIUS_M, _PLACE_BELOW_M, _PLACE_ABOVE_M = 0.06, 0.12, 0.01
_MEANS_LITTLE = 0.4  # confidence of a judgement by the gripper alone about something that it cannot know
_DECISIVE = RecoveryConfig().decisive  # unless a caller says otherwise


@dataclass(frozen=True)
class Outcome:
    """The judgement.

    Attributes:
        checked: Whether the demonstration gives something to judge by.
        ok: Whether it happened; False when not checked.
        confidence: Of that judgement, in [0, 1].
        text: One sentence that says what was looked at.
    """

    checked: bool = False
    ok: bool = False
    confidence: float = 0.0
    text: str = 'the outcome was not checked'


def check_outcome(
    effect: Effect,
    opening_now: float | None,
    closed_opening: float,
    max_width_m: float,
    before: Scene | None = None,
    after: Scene | None = None,
    last_opening: float = 1.0,
    decisive: float = _DECISIVE,
) -> Outcome:
    """Judge what the gripper and, with two scenes, the camera tell.

    Args:
        effect: What should have happened.
        opening_now: Measured opening after the interaction; None: unknown.
        closed_opening: At or below it the fingers have met.
        max_width_m: Between the fingers at opening 1, for the words [m].
        before, after: The scenes that the task was planned in, and one taken now; None: not looked.
        last_opening: That the demonstration ends with.
        decisive: Least confidence of a failure that is claimed.
    """
    gripper = _by_gripper(effect, opening_now, closed_opening, max_width_m, last_opening)
    if gripper.checked and not gripper.ok:
        return gripper
    if before is None or after is None:
        return gripper
    seen = _by_picture(effect, before, after)
    if seen is None or (not seen.ok and seen.confidence < max(decisive, gripper.confidence)):
        doubt = 'nothing that could be judged by is in view' if seen is None else f'not decisive: {seen.text}'
        text = f'{gripper.text}; {doubt}' if gripper.checked else f'not judged: {doubt}'
        doubted = gripper.confidence if seen is None else gripper.confidence * (1.0 - 0.5 * seen.confidence)
        return Outcome(gripper.checked, gripper.ok, doubted, text)
    if not gripper.checked:
        return seen
    both = max(gripper.confidence, seen.confidence) if seen.ok else seen.confidence
    return Outcome(True, seen.ok, both, f'{seen.text}; {gripper.text}')


def _by_gripper(
    effect: Effect, opening_now: float | None, closed_opening: float, max_width_m: float, last_opening: float
) -> Outcome:
    if effect.kind in (Kind.NONE, Kind.PUSHED):
        return Outcome(text='not judged: what the demonstration does leaves no trace in the gripper')
    if opening_now is None:
        return Outcome(text='not judged: the gripper does not tell its opening')
    width = opening_now * max_width_m * 1e3
    if effect.kind is Kind.HELD:
        if opening_now > closed_opening:
            return Outcome(True, True, 0.8, f'something is held: the fingers stopped {width:.0f} mm apart')
        return Outcome(True, False, 0.9, f'nothing is held: the fingers met ({width:.0f} mm apart)')
    if opening_now > last_opening - 0.15:
        return Outcome(
            True,
            True,
            _MEANS_LITTLE,
            f'the hand let go ({opening_now:.0%} open, demonstrated {last_opening:.0%})',
        )
    return Outcome(
        True, False, 0.7, f'the hand is only {opening_now:.0%} open; the demonstration ends with {last_opening:.0%}'
    )


def _by_picture(effect: Effect, before: Scene, after: Scene) -> Outcome | None:
    """Judge by depth; None when nothing tells."""
    if effect.kind is Kind.PLACED:
        return _placed(effect, before, after)
    if effect.kind is Kind.NONE or not len(effect.points):
        return None
    part_there, part_stayed = _both(effect.T_after_before, effect.touched, effect.points, after)
    all_there, all_stayed = _both(effect.T_after_before, effect.points, effect.touched, after)
    held, way = effect.kind is Kind.HELD, f'{effect.moved_m * 100:.0f} cm'
    for there, stayed in ((part_there, part_stayed), (all_there, all_stayed)):
        if there.tells and there.explained >= _THERE and there.explained > stayed.explained:
            what = 'hangs in the hand' if held else f'moved by the demonstrated {way}'
            return Outcome(
                True, True, _confidence(there, there.explained), f'the object {what}: {_share(there)} is seen there'
            )
    # The body of furniture stays where it was: what stayed counts of a part that surely moves, or of what was lifted;
    # and where any part of the object is gone (a lid), something did move.
    everything = look_up(np.concatenate([effect.points, effect.touched]), after)
    for stayed in (part_stayed, all_stayed) if effect.whole else (part_stayed,):
        if stayed.tells and stayed.explained >= _STAYED and everything.explained >= _UNCHANGED:
            text = f'the object is still where it was ({_share(stayed)} is seen there), not {way} further'
            return Outcome(True, False, _confidence(stayed, stayed.explained), text)
    if part_stayed.tells and part_stayed.explained <= _GONE and not part_there.tells:
        text = f'what was touched is no longer where it was ({_share(part_stayed)} is left); where it went is hidden'
        return Outcome(True, True, 0.6 * _confidence(part_stayed, 1.0 - part_stayed.explained), text)
    if all_there.tells and all_there.explained <= _GONE and all_there.visible > 0.4 and not all_stayed.tells:
        where = 'in the hand' if held else f'{way} from where it was'
        text = f'the object is not {where}: only {_share(all_there)} is seen there'
        return Outcome(True, False, 0.5 * _confidence(all_there, 1.0 - all_there.explained), text)
    return None


def _both(
    T_after_before: np.ndarray, points: np.ndarray, others: np.ndarray, after: Scene
) -> tuple[Evidence, Evidence]:
    """Return what a picture says about points that moved: at their new place, and at their old one.

    Left out are the new places where something of the object was before, and the old ones that the same points take up
    again: there, both states look alike.
    """
    moved = se3.transform_points(T_after_before, points)
    was = np.concatenate([points, others])
    return look_up(away_from(moved, was), after), look_up(away_from(points, moved), after)


def _placed(effect: Effect, before: Scene, after: Scene) -> Outcome | None:
    if before.depth_m.shape != after.depth_m.shape or not np.allclose(before.T_base_camera, after.T_base_camera):
        return None
    centre = effect.T_base_tcp[:3, 3]
    pixels = appeared(before, after, centre, _PLACE_RADIUS_M, _PLACE_BELOW_M, _PLACE_ABOVE_M)
    if pixels >= _NEW_PIXELS:
        return Outcome(True, True, 0.7, f'something new is where the hand let go ({pixels} pixels)')
    around = np.array([[x, y, -0.03] for x in (-0.02, 0.0, 0.02) for y in (-0.02, 0.0, 0.02)] * 4) + centre
    place = look_up(around, after)
    if not place.tells:
        return None
    text = f'nothing new is where the hand let go ({pixels} pixels, {place.visible:.0%} of the place is in view)'
    return Outcome(True, False, 0.4 + 0.4 * place.visible, text)


def _confidence(evidence: Evidence, agreement: float) -> float:
    """Grow from 0.5 with how much is seen and how well it agrees, up to 0.97."""
    return float(np.clip(0.5 + 0.5 * agreement * min(1.0, 2.0 * evidence.visible), 0.5, 0.97))


def _share(evidence: Evidence) -> str:
    return f'{evidence.explained:.0%} of what nothing hides'


def in_hand_shift(effect: Effect, T_base_tcp_now: np.ndarray, after: Scene, largest_m: float) -> np.ndarray | None:
    """Return how far what is held lies from where the grasp should have brought it, in the tool frame.

    Args:
        effect: Of the grasp; its points are looked for.
        T_base_tcp_now: (4, 4) where the tool is in `after` [m].
        after: A scene that shows the hand.
        largest_m: A larger shift is not believed [m].

    Returns:
        (3,) [m], None when too little is seen to tell.
    """
    if effect.kind is not Kind.HELD or not len(effect.points):
        return None
    found = find_shift(se3.transform_points(effect.T_after_before, effect.points), after, largest_m)
    if found is None or found[1] < _THERE or np.abs(found[0]).max() > 0.95 * largest_m:
        return None
    return T_base_tcp_now[:3, :3].T @ found[0]
