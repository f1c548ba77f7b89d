import numpy as np
import pytest

from mt3_common.errors import Status, StatusCode
from mt3_executor.ports import Retrieved
from mt3_executor.recovery import AttemptReport, Memory, worth_another
from mt3_executor.safety_config import RecoveryConfig
from mt3_executor.testing.scenes import above, grasp


def retrieved(*yaws, others=()):
    ways = np.array([above(0.5, 0.1, 0.2, yaw) for yaw in yaws])
    return Retrieved(Status(), 'demo', 'task', 1, ways, grasp(), others=others)


@pytest.mark.parametrize(
    ('code', 'moved', 'others', 'again'),
    [
        (StatusCode.OUTCOME_FAILED, True, 0, True),
        (StatusCode.UNREACHABLE, False, 1, True),
        (StatusCode.UNREACHABLE, False, 0, False),
        (StatusCode.COLLISION, True, 1, False),
        (StatusCode.STALE_SCENE, True, 0, True),
        (StatusCode.STALE_SCENE, False, 3, False),
        *[
            (code, moved, 3, False)
            for code in set(StatusCode)
            - {
                StatusCode.OUTCOME_FAILED,
                StatusCode.STALE_SCENE,
                StatusCode.UNREACHABLE,
                StatusCode.COLLISION,
                StatusCode.LIMITS,
            }
            for moved in (True, False)
        ],
    ],
)
def test_what_is_worth_another_attempt(code, moved, others, again):
    assert worth_another(AttemptReport(1, Status(code, 'x'), moved=moved), others) is again


def test_the_first_attempt_is_as_retrieved():
    memory, asked = Memory(RecoveryConfig()), retrieved(0.0, np.pi)
    assert memory.choose(asked) == (asked, '')


def test_a_yaw_that_failed_is_left_out_until_all_have():
    memory, asked = Memory(RecoveryConfig()), retrieved(0.0, np.pi)
    memory.failed_at(asked.T_base_bottleneck[0])
    chosen, words = memory.choose(asked)
    assert len(chosen.T_base_bottleneck) == 1 and 'yaw' in words
    assert np.allclose(chosen.T_base_bottleneck[0], asked.T_base_bottleneck[1])
    memory.failed_at(chosen.T_base_bottleneck[0])
    chosen, _ = memory.choose(asked)
    assert len(chosen.T_base_bottleneck) == 2


def test_the_same_place_for_the_third_time_is_searched_around():
    config = RecoveryConfig()
    memory, asked, places = Memory(config), retrieved(0.0), []
    for _ in range(6):
        chosen, _ = memory.choose(asked)
        places.append(chosen.T_base_bottleneck[0])
        memory.failed_at(places[-1])
    away = [np.linalg.norm(p[:3, 3] - places[0][:3, 3]) for p in places]
    assert away[:2] == [0.0, 0.0] and np.allclose(away[2:], config.search_step_m)
    assert len({tuple(np.round(p[:3, 3], 5)) for p in places}) == 5


def test_an_object_that_moved_is_a_new_place():
    memory = Memory(RecoveryConfig())
    memory.failed_at(above(0.4, 0.1, 0.2))
    asked = retrieved(0.0)
    assert memory.choose(asked) == (asked, '')


def test_pairs_without_a_way_are_not_offered_again():
    memory = Memory(RecoveryConfig())
    asked = retrieved(0.0, others=(('demo', 2), ('other', 1)))
    memory.no_way('demo', 2)
    assert memory.others(asked) == [('other', 1)]


def test_a_report_reads_as_one_line():
    report = AttemptReport(2, Status(StatusCode.OUTCOME_FAILED, 'nothing is held'), changed='looked again')
    assert str(report) == '2 (looked again): OUTCOME_FAILED: nothing is held'
