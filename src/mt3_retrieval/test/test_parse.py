"""Every skill template parses, politeness and word order do not matter, nonsense is refused, nothing raises."""

import random
import string

import pytest

from mt3_retrieval.language import parse

# one line per template of the method, and what it must mean: skill, target, other
TEMPLATES = {
    'pick up the mug': ('pick_up', 'mug', ''),
    'pick up the mug from the shelf': ('pick_up', 'mug', 'shelf'),
    'place the block on the plate': ('place_on', 'plate', 'block'),
    'place the apple in the bowl': ('place_in', 'bowl', 'apple'),
    'place the fork next to the plate': ('place_next_to', 'plate', 'fork'),
    'pour from the bottle into the glass': ('pour', 'glass', 'bottle'),
    'insert the peg into the hole': ('insert', 'hole', 'peg'),
    'scoop rice from the bowl': ('scoop', 'bowl', 'rice'),
    'open the drawer': ('open', 'drawer', ''),
    'close the drawer': ('close', 'drawer', ''),
    'stir the spoon in the pot': ('stir', 'pot', 'spoon'),
    'fold the shirt': ('fold', 'shirt', ''),
    'unfold the shirt': ('unfold', 'shirt', ''),
    'iron the shirt': ('iron', 'shirt', ''),
    'swipe the card on the card reader': ('swipe', 'card reader', 'card'),
    'turn on the lamp': ('turn_on', 'lamp', ''),
    'turn off the lamp': ('turn_off', 'lamp', ''),
    'wipe the table with the sponge': ('wipe', 'table', 'sponge'),
    'shake the bottle': ('shake', 'bottle', ''),
    'dust the shelf with the duster': ('dust', 'shelf', 'cloth'),
    'hang the mug on the hook': ('hang', 'hook', 'mug'),
    'zip the jacket': ('zip', 'jacket', ''),
    'unzip the jacket': ('unzip', 'jacket', ''),
    'light the candle': ('light', 'candle', ''),
    'push the sled': ('push', 'sled', ''),
    'push the sled to the spot': ('push', 'sled', 'spot'),
    'pull the rope': ('pull', 'rope', ''),
    'twist the knob clockwise': ('twist_clockwise', 'knob', ''),
    'twist the knob anticlockwise': ('twist_anticlockwise', 'knob', ''),
    'press the button': ('press', 'button', ''),
    'turn the handle left': ('turn_left', 'handle', ''),
    'turn the handle right': ('turn_right', 'handle', ''),
    'remove the lid from the pot': ('remove', 'lid', 'pot'),
    'wash the plate with the sponge': ('wash', 'plate', 'sponge'),
    'fill the glass with water': ('fill', 'glass', 'water'),
    'sharpen the pencil with the sharpener': ('sharpen', 'pencil', 'sharpener'),
    'stack the bowls': ('stack', 'bowl', ''),
    'regrasp the spoon on the table': ('regrasp', 'table', 'spoon'),
}


@pytest.mark.parametrize('text', TEMPLATES)
@pytest.mark.parametrize('form', ['{}', 'Could you please {}?', 'robot, {} now!', "I'd like you to {} for me, thanks"])
def test_template(text, form):
    parsed = parse(form.format(text))
    assert (parsed.skill, parsed.target, parsed.other) == TEMPLATES[text], parsed


@pytest.mark.parametrize('text', TEMPLATES)
def test_template_as_a_folder_name(text):
    assert parse(text.replace(' the ', ' ').replace(' ', '_')).skill == TEMPLATES[text][0]


@pytest.mark.parametrize(
    ('text', 'same_as'),
    [
        ('lift the cup up', 'pick up the mug'),
        ('on the plate place the block', 'place the block on the plate'),
        ('place on the plate the block', 'place the block on the plate'),
        ('the mug, pick it up', 'pick up the mug'),
        ('turn the lamp on', 'turn on the lamp'),
        ('switch off the light', 'turn off the lamp'),
        ('push the button', 'press the button'),
        ('press down on the button', 'press the button'),
        ('plase the block on the plate', 'place the block on the plate'),
        ('give the bottle a shake', 'shake the bottle'),
        ('take the lid off the pot', 'remove the lid from the pot'),
        ('would you mind picking up the mug', 'pick up the mug'),
        ('PICK UP THE MUG!!', 'pick up the mug'),
        ('put the dowel in the hole', 'place the peg in the hole'),
        ('slide the sled onto the spot', 'push the sled to the spot'),
        ('push the block into the goal', 'push the block to the goal'),
        ('drag the box onto the mat', 'pull the box to the mat'),
        ('slide the card over the reader', 'swipe the card on the card reader'),
        ('slide the peg into the hole', 'insert the peg into the hole'),
    ],
)
def test_other_words_mean_the_same(text, same_as):
    a, b = parse(text), parse(same_as)
    assert (a.skill, a.target, a.other) == (b.skill, b.target, b.other)


def test_attributes_and_parts():
    parsed = parse('pick up the small blue mug by its handle')
    assert parsed.target == 'mug' and parsed.attributes == ('small', 'blue') and parsed.part == 'handle'
    assert parse('stack the red block on the blue block').target_noun.attributes == ('blue',)
    assert parse('pull the handle of the drawer').part == 'handle'
    assert parse('push the box to the left').part == 'left'


@pytest.mark.parametrize(
    ('text', 'word'),
    [
        ('', 'empty'),
        ('   ', 'empty'),
        ("don't pick up the mug", 'not to do'),
        ('never open the drawer', 'not to do'),
        ('where is the mug', 'question'),
        ('pick up the mug and put it on the shelf', 'two things'),
        ('sing a song', 'no known skill'),
        ('pick up', 'no known skill'),
        ('mug ' * 60, 'words'),
    ],
)
def test_refusals_say_why(text, word):
    parsed = parse(text)
    assert not parsed.understood and word in parsed.problem
    assert parsed.unknown_words == (word == 'no known skill')


def test_nothing_raises():
    rng = random.Random(0)
    words = 'pick up place on in the of by and with not mug to from off it turn'.split()
    for _ in range(1500):
        parse(' '.join(rng.choice(words) for _ in range(rng.randint(0, 9))))
    for _ in range(300):
        parse(''.join(rng.choice(string.printable + 'äß日\u200b') for _ in range(rng.randint(0, 40))))


def test_at_least_30_skills_are_covered():
    assert len({meaning[0] for meaning in TEMPLATES.values()}) > 30
