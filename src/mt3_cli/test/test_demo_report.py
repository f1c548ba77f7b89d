import io

import pytest
from rich.console import Console

from mt3_cli.demo.record import DemoRecord, Execution, Lesson
from mt3_cli.demo.report import write_report
from mt3_cli.demo.terminal import DemoTerminal


@pytest.fixture
def record():
    phases = {'perceive': 0.5, 'retrieve': 1.0, 'approach': 2.0}
    return DemoRecord(
        started='2026-01-02 03:04',
        seed=7,
        lessons=[
            Lesson('pick_mug', 'pick up the mug', True, bag='bags/1', seconds={'record': 20.0, 'import': 2.0}),
            Lesson('open_drawer', 'open the drawer', False, message='the camera <stopped>'),
        ],
        executions=[
            Execution('pick_mug', 'grab the cup', 'taught', 1, ok=True, reason='in the hand', phases=phases),
            Execution(
                'pick_mug',
                'lift the cup',
                'taught',
                2,
                ok=False,
                status='LOW_CONFIDENCE: too little',
                reason='too little',
            ),
            Execution('pick_mug', 'take the mug', 'novel', 3, ok=True, phases=phases),
        ],
        seconds=83.0,
    )


def test_record_is_read_as_it_was_written(record, tmp_path):
    record.save(tmp_path / 'demo.json')
    assert DemoRecord.load(tmp_path / 'demo.json') == record


def test_rates_count_each_kind_of_object_alone(record):
    assert record.rate('taught') == (1, 2)
    assert record.rate('novel') == (1, 1)


def test_report_tells_every_round_and_escapes_what_it_quotes(record, tmp_path):
    html = write_report(record, tmp_path).read_text()
    for words in ('grab the cup', 'lift the cup', 'take the mug', '50%', '1:23', 'too little'):
        assert words in html
    assert 'the camera &lt;stopped&gt;' in html and '<stopped>' not in html


def test_report_of_a_demo_in_which_nothing_was_taught(tmp_path):
    assert write_report(DemoRecord('now', 1), tmp_path).exists()


def test_terminal_tells_why_not_below_the_table(record):
    text = io.StringIO()
    terminal = DemoTerminal(5, Console(file=text, width=100))
    for lesson in record.lessons:
        terminal.lesson(lesson)
    for execution in record.executions:
        terminal.execution(execution)
    terminal.table(record)
    lines = text.getvalue()
    assert 'not taught  open the drawer: the camera <stopped>' in lines
    assert 'not done  lift the cup: too little' in lines
    assert '1 tasks taught once each; done: 1 of 2 with the same object, 1 of 1' in lines
