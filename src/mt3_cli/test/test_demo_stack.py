import sys

import pytest

from mt3_cli.demo.stack import Stack, last_words
from mt3_common.errors import MT3Error, StatusCode
from mt3_common.testing import wait_until


def test_last_words_end_where_a_required_node_ended():
    log = 'a | up\ncell | no display\nsystem | cell is required and ended (exit code 1): ending the rest\nb | noise'
    assert last_words(log).splitlines()[-2:] == [
        'cell | no display',
        'system | cell is required and ended (exit code 1): ending the rest',
    ]


def test_last_words_of_an_ordinary_log_are_its_end():
    assert last_words('\n'.join(map(str, range(50))), lines=2) == '48\n49'


def test_nodes_that_end_are_noticed_with_their_reason(tmp_path):
    file = tmp_path / 'x.launch.xml'
    command = f"{sys.executable} -c &quot;print('no arm here'); raise SystemExit(3)&quot;"
    file.write_text(f'<launch><executable cmd="{command}" name="driver" on_exit="shutdown"/></launch>')
    with Stack(file, {}, tmp_path / 'nodes.log', 0) as stack:
        wait_until(lambda: stack._process.poll() is not None, 60.0, 'the end of the nodes')
        with pytest.raises(MT3Error, match='no arm here') as caught:
            stack.check()
    assert caught.value.code == StatusCode.HARDWARE and 'exit code 3' in str(caught.value)
