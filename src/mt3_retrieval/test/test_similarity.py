"""Which tasks count as near each other."""

import pytest

from mt3_retrieval.language import parse, similarity


def score(a, b):
    return similarity(parse(a), parse(b))


@pytest.mark.parametrize('text', ['pick up the mug', 'place the block on the plate', 'pull the drawer handle'])
def test_a_task_is_like_itself(text):
    assert score(text, text) == 1.0


def test_symmetric_and_bounded():
    texts = ['pick up the red mug', 'lift the glass', 'remove the lid', 'press the button by the rim', 'sing']
    for a in texts:
        for b in texts:
            assert 0.0 <= score(a, b) <= 1.0
            assert score(a, b) == pytest.approx(score(b, a))


@pytest.mark.parametrize(
    ('a', 'nearer', 'farther'),
    [
        ('pick up the blue mug', 'pick up the mug', 'pick up the red mug'),
        ('pick up the mug by the handle', 'pick up the mug', 'pick up the mug by the rim'),
        ('place the block on the plate', 'put the cube on a dish', 'place the mug on the plate'),
        ('grab the cup', 'pick up the mug', 'pick up the glass'),
        ('take the lid off the pot', 'remove the lid from the pot', 'pick up the lid'),
        ('pick up the thing', 'pick up the mug', 'open the drawer'),
        ('push the block to the spot', 'push the sled to the spot', 'push the plate away'),
        ('insert the peg into the block', 'insert the peg into the hole', 'insert the plug into the socket'),
        ('swipe the tray with the eraser', 'wipe the tray with the eraser', 'swipe the tray with the card'),
        ('stack the box on the tin', 'stack the box on the tin', 'stack the box on the can'),
        ('pick up the botle', 'pick up the bottle', 'pick up the box'),
    ],
)
def test_order(a, nearer, farther):
    assert score(a, nearer) > score(a, farther)


@pytest.mark.parametrize(
    ('a', 'b'),
    [('open the drawer', 'close the drawer'), ('pick up the mug', 'pick up the hammer'), ('hello', 'pick up the mug')],
)
def test_different_tasks(a, b):
    assert score(a, b) == 0.0


def test_any_object_is_meant_alike():
    """ "The object" is a lever box as much as a cube; a red one is not a blue one."""
    assert score('pick up the object', 'pick up the lever box') == score('pick up the object', 'pick up the cube')
    red, blue = (score('pick up the red object', f'pick up the {colour} box') for colour in ('red', 'blue'))
    assert red > blue
