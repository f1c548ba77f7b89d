"""The card of a library."""

import dataclasses

from mt3_common.demonstration import new_id
from mt3_retrieval.library import DemoLibrary
from mt3_teach.card import library_card
from mt3_teach.testing import synthetic_demonstration


def test_it_counts_what_is_there(tmp_path):
    demo = synthetic_demonstration()
    library = DemoLibrary.open(tmp_path / 'library', embed=None)
    library.add_many(
        [demo, dataclasses.replace(demo, id=new_id(), task='push the | box', simulated=False, success=True)]
    )
    text = library_card(library.list(), 'mine')
    assert '2 (1 real, 1 simulated)' in text and '1 of 1 whose outcome is known' in text
    assert '| push the \\| box | 1 | 1 |' in text and 'nobody 2' in text


def test_an_empty_library_says_so():
    assert 'Empty' in library_card([], 'mine')
