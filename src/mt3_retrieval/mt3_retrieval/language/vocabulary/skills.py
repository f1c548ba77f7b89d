"""Skills and the ways to ask for them."""

from dataclasses import dataclass

ON, IN, NEXT, FROM, OFF, TO, WITH, BY = 'on', 'in', 'next to', 'from', 'off', 'to', 'with', 'by'

# phrase: canonical relation; longer phrases are tried first
PREPOSITIONS: dict[str, str] = {
    'on top of': ON, 'to the top of': ON, 'onto the top of': ON, 'onto': ON, 'upon': ON, 'atop': ON,
    'on to': ON, 'over': ON, 'on': ON, 'across': ON, 'against': ON,
    'inside of': IN, 'inside': IN, 'into': IN, 'in to': IN, 'in': IN, 'within': IN, 'through': IN,
    'next to': NEXT, 'beside': NEXT, 'besides': NEXT, 'near to': NEXT, 'near': NEXT, 'alongside': NEXT,
    'adjacent to': NEXT, 'close to': NEXT, 'to the side of': NEXT, 'by the side of': NEXT,
    'from the top of': FROM, 'from inside': FROM, 'from on top of': FROM, 'from': FROM, 'out from': FROM,
    'out of': OFF, 'off of': OFF, 'off': OFF,  # counts as FROM wherever a rule does not ask for it
    'towards': TO, 'toward': TO, 'up to': TO, 'over to': TO, 'until': TO, 'to': TO,
    'using': WITH, 'by means of': WITH, 'with the help of': WITH, 'with': WITH,
    'by': BY, 'at': BY,
}  # fmt: skip


@dataclass(frozen=True)
class SkillRule:
    """One way of asking for a skill.

    Attributes:
        verbs: Lemmas that may start it.
        particle: Word that belongs to the verb ("pick ... up"); empty for none.
        optional_particle: The particle may be missing.
        needs: Relation that must be present ("place X *on* Y"); empty for none.
        target: 'object' when the verb's object is acted on, else the relation whose noun is
            acted on: then the verb's object is what the hand holds.
        other: Relations whose noun is the other object, in order.
    """

    verbs: tuple[str, ...]
    particle: str = ''
    optional_particle: bool = False
    needs: str = ''
    target: str = 'object'
    other: tuple[str, ...] = ()


_PUT = ('place', 'put', 'set', 'lay', 'deposit', 'position', 'rest', 'drop', 'leave', 'move', 'release')
_GRAB = ('grab', 'grasp', 'lift', 'take', 'fetch', 'get', 'raise', 'collect', 'retrieve', 'seize', 'catch')

# skill: rules; the rule that explains most of the sentence wins, earlier ones win ties
SKILLS: dict[str, tuple[SkillRule, ...]] = {
    'pick_up': (
        SkillRule(('pick', 'gather', 'scoop'), particle='up', other=(FROM, ON, IN, NEXT)),
        SkillRule(('pick',), other=(FROM, ON, IN, NEXT)),
        SkillRule(_GRAB, particle='up', optional_particle=True, other=(FROM, ON, IN, NEXT)),
        SkillRule(('grab', 'catch', 'get', 'take'), particle='hold', other=(FROM, ON, IN, NEXT)),
        SkillRule(('bring', 'hand', 'give', 'pass'), other=(FROM, ON, IN)),
        SkillRule(('clasp', 'hold', 'clutch')),
    ),
    'place_on': (
        SkillRule((*_PUT, 'store'), needs=ON, target=ON),
        SkillRule(_PUT, particle='down', needs=ON, target=ON),
        SkillRule(('drop', 'set', 'put', 'lay'), particle='off', needs=ON, target=ON),
    ),
    'place_in': (
        SkillRule((*_PUT, 'throw', 'toss', 'stow', 'store', 'stash', 'chuck', 'dispose'), needs=IN, target=IN),
        SkillRule(_PUT, particle='down', needs=IN, target=IN),
    ),
    'place_next_to': (
        SkillRule(_PUT, needs=NEXT, target=NEXT),
        SkillRule(_PUT, particle='down', needs=NEXT, target=NEXT),
        SkillRule(('place', 'put', 'set', 'lay', 'position'), needs=BY, target=BY),
    ),
    'pour': (
        SkillRule(('pour', 'tip', 'empty', 'decant', 'transfer', 'dump', 'serve', 'fill'), needs=IN,
                  target=IN, other=(FROM,)),
        SkillRule(('pour', 'tip', 'empty'), particle='out', needs=IN, target=IN, other=(FROM,)),
        SkillRule(('pour', 'decant', 'drizzle', 'sprinkle'), needs=ON, target=ON, other=(FROM,)),
        SkillRule(('pour', 'decant'), particle='out', optional_particle=True, other=(FROM,)),
    ),
    'insert': (
        SkillRule(('insert', 'plug', 'stick', 'slot', 'fit', 'thread', 'slide', 'push', 'squeeze', 'poke', 'peg',
                   'guide'), needs=IN, target=IN),
        SkillRule(('plug', 'slot', 'push', 'put'), particle='in', needs=TO, target=TO),
        SkillRule(('connect', 'attach', 'join'), needs=TO, target=TO),
        SkillRule(('insert',),),
        SkillRule(('plug',), particle='in',),
    ),
    'scoop': (
        SkillRule(('scoop', 'ladle', 'spoon', 'shovel', 'dig'), particle='out', optional_particle=True, needs=FROM,
                  target=FROM, other=(WITH,)),
        SkillRule(('scoop', 'ladle', 'spoon', 'shovel'), particle='up', optional_particle=True, needs=FROM,
                  target=FROM, other=(WITH,)),
        SkillRule(('scoop', 'ladle'), other=(IN, WITH)),
    ),
    'open': (
        SkillRule(('open', 'unclose', 'uncover', 'unlatch'), particle='up', optional_particle=True,
                  other=(WITH, ON)),
        SkillRule(('pull', 'slide', 'swing', 'flip', 'push', 'lift', 'pop', 'get', 'raise', 'crack'),
                  particle='open', other=(WITH,)),
        SkillRule(('pull',), particle='out', other=(FROM, WITH)),
    ),
    'close': (
        SkillRule(('close', 'shut'), particle='up', optional_particle=True, other=(WITH, ON)),
        SkillRule(('push', 'slide', 'swing', 'flip', 'pull', 'get', 'fold', 'snap'), particle='shut', other=(WITH,)),
        SkillRule(('push', 'slide', 'swing', 'flip', 'pull'), particle='closed', other=(WITH,)),
        SkillRule(('push', 'slide'), particle='in'),
    ),
    'stir': (
        SkillRule(('stir', 'mix', 'swirl', 'whisk', 'beat'), needs=IN, target=IN, other=(WITH,)),
        SkillRule(('stir', 'mix', 'swirl', 'whisk', 'beat'), particle='up', optional_particle=True, other=(WITH,)),
    ),
    'fold': (SkillRule(('fold', 'crease'), particle='up', optional_particle=True, other=(ON,)),),
    'unfold': (SkillRule(('unfold', 'spread', 'unroll'), particle='out', optional_particle=True, other=(ON,)),),
    'iron': (SkillRule(('iron', 'press', 'smooth'), particle='out', optional_particle=False, other=(WITH, ON)),
             SkillRule(('iron',), other=(WITH, ON))),
    'swipe': (SkillRule(('swipe', 'slide', 'run', 'drag'), needs=ON, target=ON),
              SkillRule(('swipe', 'run'), needs=IN, target=IN),
              SkillRule(('swipe',), needs=WITH, target='object', other=(WITH,)),
              SkillRule(('swipe',), needs=BY, target=BY)),
    'turn_on': (SkillRule(('turn', 'switch', 'power', 'flick', 'flip', 'put'), particle='on', other=(WITH, ON, IN)),
                SkillRule(('activate', 'start', 'enable', 'boot'), particle='up', optional_particle=True)),
    'turn_off': (SkillRule(('turn', 'switch', 'power', 'flick', 'flip'), particle='off', other=(WITH, ON, IN)),
                 SkillRule(('deactivate', 'stop', 'disable', 'kill')),
                 SkillRule(('shut', 'power'), particle='down'),
                 SkillRule(('shut',), particle='off')),
    'wipe': (SkillRule(('wipe', 'clean', 'mop', 'rub', 'scrub', 'polish'), particle='down', optional_particle=True,
                       other=(WITH,)),
             SkillRule(('wipe', 'clean'), particle='off', other=(WITH,)),
             SkillRule(('wipe', 'clean'), particle='up', other=(WITH,))),
    'shake': (SkillRule(('shake', 'rattle', 'jiggle'), particle='up', optional_particle=True),),
    'dust': (SkillRule(('dust',), particle='off', optional_particle=True, other=(WITH,)),),
    'hang': (SkillRule(('hang', 'hook', 'suspend'), particle='up', optional_particle=True, needs=ON, target=ON),
             SkillRule(('hang', 'hook', 'suspend'), needs=FROM, target=FROM),
             SkillRule(('hang',), particle='up', optional_particle=True)),
    'zip': (SkillRule(('zip', 'fasten'), particle='up', optional_particle=True),),
    'unzip': (SkillRule(('unzip', 'unfasten'), particle='up', optional_particle=True),),
    'light': (SkillRule(('light', 'ignite', 'kindle'), particle='up', optional_particle=True, other=(WITH,)),
              SkillRule(('set',), particle='fire', other=(WITH,))),
    'push': (SkillRule(('push', 'shove', 'nudge', 'slide', 'move', 'shift', 'scoot'), other=(TO, ON, IN, NEXT)),
             SkillRule(('push', 'shove', 'nudge', 'slide', 'move'), particle='forward', other=(TO,)),
             SkillRule(('push', 'shove', 'nudge', 'slide', 'move'), particle='away', other=(FROM,))),
    'pull': (SkillRule(('pull', 'drag', 'tug', 'draw', 'yank', 'tow', 'haul'), other=(TO, FROM, ON)),
             SkillRule(('pull', 'drag', 'tug'), particle='back', other=(TO, FROM)),
             SkillRule(('pull', 'drag', 'tug'), particle='closer', other=(TO,))),
    'twist_clockwise': (
        SkillRule(('twist', 'turn', 'rotate', 'spin', 'screw', 'wind', 'crank'), particle='clockwise',
                  other=(WITH, ON)),
        SkillRule(('screw', 'tighten', 'fasten'), particle='in', optional_particle=True, other=(ON, IN)),),
    'twist_anticlockwise': (
        SkillRule(('twist', 'turn', 'rotate', 'spin', 'screw', 'wind', 'crank'), particle='anticlockwise',
                  other=(WITH, ON)),
        SkillRule(('unscrew', 'loosen', 'untwist'), other=(FROM, ON)),),
    'twist': (SkillRule(('twist', 'rotate', 'spin', 'turn', 'crank'), particle='around', optional_particle=True,
                        other=(WITH, ON)),),
    'press': (SkillRule(('press', 'depress', 'hit', 'tap', 'click', 'poke', 'smack', 'ring', 'punch', 'squeeze'),
                        particle='down', optional_particle=True, other=(ON, WITH)),
              SkillRule(('press', 'push', 'tap', 'click'), particle='on', other=(WITH,)),
              SkillRule(('push',), particle='down', other=(ON, WITH)),
              SkillRule(('push',), particle='in', other=(ON, WITH))),
    'turn_left': (SkillRule(('turn', 'rotate', 'twist', 'spin', 'steer', 'swivel'), particle='left',
                            other=(WITH, ON)),),
    'turn_right': (SkillRule(('turn', 'rotate', 'twist', 'spin', 'steer', 'swivel'), particle='right',
                             other=(WITH, ON)),),
    'remove': (SkillRule(('remove', 'detach', 'extract', 'withdraw', 'peel', 'strip', 'clear'), other=(FROM,)),
               SkillRule(('take', 'pull', 'lift', 'get', 'pluck', 'slide', 'pop'), particle='off', other=(FROM, WITH)),
               SkillRule(('take', 'lift', 'get'), needs=OFF, other=(OFF,)),
               SkillRule(('pull', 'slide', 'pop', 'pluck'), needs=FROM, other=(FROM,)),
               SkillRule(('take', 'pull', 'get', 'unplug'), particle='out', other=(FROM,)),
               SkillRule(('unplug',), other=(FROM,))),
    'wash': (SkillRule(('wash', 'rinse', 'scour', 'cleanse'), particle='up', optional_particle=True,
                       other=(WITH, IN)),),
    'fill': (SkillRule(('fill', 'refill', 'top'), particle='up', optional_particle=True, other=(WITH, FROM)),),
    'sharpen': (SkillRule(('sharpen', 'hone', 'whet'), particle='up', optional_particle=True, other=(WITH, IN)),),
    'stack': (SkillRule(('stack', 'pile', 'heap'), particle='up', optional_particle=True, needs=ON, target=ON),
              SkillRule(('stack', 'pile', 'nest'), needs=IN, target=IN),
              SkillRule(('stack', 'pile', 'heap'), particle='up', optional_particle=True, other=(WITH,))),
    'regrasp': (SkillRule(('regrasp', 'regrab', 'regrip'), needs=ON, target=ON),
                SkillRule(('regrasp', 'regrab', 'regrip')),),
}  # fmt: skip

# skills that a person may confuse or say for each other; everything else counts as different
NEAR_SKILLS: dict[frozenset[str], float] = {
    frozenset(pair): value
    for pair, value in {
        ('pick_up', 'remove'): 0.75,
        ('place_on', 'stack'): 0.8,
        ('place_in', 'insert'): 0.7,
        ('place_in', 'place_on'): 0.5,
        ('push', 'press'): 0.6,
        ('push', 'place_on'): 0.35,
        ('push', 'swipe'): 0.4,
        ('wipe', 'swipe'): 0.8,
        ('wipe', 'dust'): 0.6,
        ('wipe', 'wash'): 0.55,
        ('pull', 'open'): 0.65,
        ('pull', 'remove'): 0.5,
        ('fill', 'pour'): 0.7,
        ('hang', 'place_on'): 0.6,
        ('twist', 'twist_clockwise'): 0.7,
        ('twist', 'twist_anticlockwise'): 0.7,
        ('twist', 'turn_left'): 0.7,
        ('twist', 'turn_right'): 0.7,
        ('turn_right', 'twist_clockwise'): 0.8,
        ('turn_left', 'twist_anticlockwise'): 0.8,
        ('press', 'turn_on'): 0.45,
        ('press', 'turn_off'): 0.45,
        ('light', 'turn_on'): 0.6,
        ('iron', 'press'): 0.3,
    }.items()
}

# what a person calls opening and closing, and the demonstration calls turning on and off
VALVES = frozenset({'tap', 'valve'})
# "push the button" is press, not push
PRESSABLE = frozenset({'button', 'switch', 'key', 'doorbell', 'bell', 'buzzer', 'trigger', 'pedal'})
# "slide X onto Y" swipes only what is swiped, or along what it is swiped on; else it pushes X
SWIPED = frozenset({'card', 'cloth', 'sponge', 'finger', 'brush', 'toothbrush', 'eraser', 'magnet', 'badge', 'ticket'})
SWIPED_ON = frozenset({'card reader', 'scanner', 'sensor', 'screen', 'touchscreen', 'touchpad'})
# a mark on the table: nothing can be put into it
MARKS = frozenset({'spot'})
