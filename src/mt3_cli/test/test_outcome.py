import json

import pytest
from geometry_msgs.msg import Quaternion

from mt3_cli.outcome import outcome_as_dict, outcome_line, status_text, turned_deg
from mt3_common.errors import StatusCode
from mt3_interfaces.action import ExecuteTask
from mt3_interfaces.msg import Alignment, Status, StepTiming


def _result(code, message=''):
    result = ExecuteTask.Result(status=Status(code=code, message=message), outcome='held')
    result.phases = [StepTiming(name='plan', seconds=0.5), StepTiming(name='approach', seconds=1.25)]
    return result


def test_line_of_a_success_and_of_a_refusal():
    assert outcome_line('grab it', _result(StatusCode.OK)) == '[green]done[/] grab it (held) in 1.8 s'
    assert (
        outcome_line('grab it', _result(StatusCode.COLLISION, 'too far'))
        == '[red]not done[/] grab it: COLLISION: too far'
    )


def test_earlier_attempts_are_told():
    result = _result(StatusCode.OK)
    result.attempts, result.history = 2, ['1: OUTCOME_FAILED: nothing is held; looks again', '2: held']
    first, second = outcome_line('grab it', result).splitlines()
    assert (
        first.endswith('in 1.8 s, at attempt 2')
        and second == '  attempt 1: OUTCOME_FAILED: nothing is held; looks again'
    )


def test_code_of_a_newer_stack_is_shown_as_a_number():
    assert status_text(Status(code=60000, message='new')) == 'code 60000: new'


def test_dict_is_json_with_units_in_its_names():
    values = json.loads(json.dumps(outcome_as_dict('grab it', _result(StatusCode.OK))))
    assert values['ok'] and values['phases_s'] == {'plan': 0.5, 'approach': 1.25}


@pytest.mark.parametrize('degrees', [-170.0, 0.0, 90.0])
def test_turned_is_the_yaw(degrees):
    import math

    alignment = Alignment()
    half = math.radians(degrees) / 2.0
    alignment.transform.rotation = Quaternion(w=math.cos(half), z=math.sin(half))
    assert turned_deg(alignment) == pytest.approx(degrees)
