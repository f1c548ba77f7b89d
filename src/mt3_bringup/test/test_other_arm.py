"""The same nodes with another arm: a UR5 is taught a task once and does it with the object elsewhere, over DDS."""

import pytest

from mt3_cli.demo.plan import make_plan
from mt3_cli.demo.runner import run_demo
from mt3_cli.demo.terminal import DemoTerminal
from mt3_cli.testing import running_stack
from mt3_retrieval.library import DemoLibrary

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]  # the first start compiles kernels


def test_a_ur5_is_taught_a_task_and_does_it_elsewhere(tmp_path):
    (tmp_path / 'pictures').mkdir()
    plan = make_plan(('pick_box',), seed=3, same=1, novel=0)
    with running_stack(tmp_path, robot='ur5', base_frame='base_link') as stack, DemoTerminal(plan.steps) as terminal:
        record = run_demo(plan, tmp_path, stack, terminal)
    lesson, execution = record.lessons[0], record.executions[0]
    assert lesson.ok, lesson.message
    assert DemoLibrary.open(str(tmp_path / 'library')).get(lesson.demonstration_id).robot == 'ur5'
    assert execution.ok and execution.claimed, f'{execution.status}: {execution.reason}'
    assert execution.moved_mm > 10.0
