"""Words as data: skills and the ways to ask for them, noun synonyms, attributes, small words.

Add a word here and nowhere else. Canonical names are what the library stores and filters by.
"""

from dataclasses import dataclass

__all__ = [
    'ADVERBS',
    'ANTONYM_SUFFIXES',
    'ATTRIBUTES',
    'DETERMINERS',
    'GENERIC_NOUNS',
    'NEAR_SKILLS',
    'NOUN_SYNONYMS',
    'PARTS',
    'POLITENESS',
    'PREPOSITIONS',
    'PRESSABLE',
    'RELATED_NOUNS',
    'SKILLS',
    'SkillRule',
]

ON, IN, NEXT, FROM, TO, WITH, BY = 'on', 'in', 'next to', 'from', 'to', 'with', 'by'

# phrase: canonical relation; longer phrases are tried first
PREPOSITIONS: dict[str, str] = {
    'on top of': ON, 'onto the top of': ON, 'onto': ON, 'upon': ON, 'atop': ON, 'on to': ON, 'over': ON,
    'on': ON, 'across': ON, 'against': ON,
    'inside of': IN, 'inside': IN, 'into': IN, 'in to': IN, 'in': IN, 'within': IN, 'through': IN,
    'next to': NEXT, 'beside': NEXT, 'besides': NEXT, 'near to': NEXT, 'near': NEXT, 'alongside': NEXT,
    'adjacent to': NEXT, 'close to': NEXT, 'to the side of': NEXT, 'by the side of': NEXT,
    'from the top of': FROM, 'from inside': FROM, 'from on top of': FROM, 'out of': FROM, 'off of': FROM,
    'from': FROM, 'off': FROM, 'out from': FROM,
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
        SkillRule(_PUT, needs=ON, target=ON),
        SkillRule(_PUT, particle='down', needs=ON, target=ON),
        SkillRule(('drop', 'set', 'put', 'lay'), particle='off', needs=ON, target=ON),
    ),
    'place_in': (
        SkillRule(_PUT + ('throw', 'toss', 'stow', 'store', 'stash'), needs=IN, target=IN),
        SkillRule(_PUT, particle='down', needs=IN, target=IN),
    ),
    'place_next_to': (
        SkillRule(_PUT, needs=NEXT, target=NEXT),
        SkillRule(_PUT, particle='down', needs=NEXT, target=NEXT),
        SkillRule(('place', 'put', 'set', 'lay', 'position'), needs=BY, target=BY),
    ),
    'pour': (
        SkillRule(('pour', 'tip', 'empty', 'decant', 'transfer', 'dump', 'serve'), needs=IN, target=IN, other=(FROM,)),
        SkillRule(('pour', 'tip', 'empty'), particle='out', needs=IN, target=IN, other=(FROM,)),
        SkillRule(('pour', 'decant', 'drizzle', 'sprinkle'), needs=ON, target=ON, other=(FROM,)),
        SkillRule(('pour', 'decant'), particle='out', optional_particle=True, other=(FROM,)),
    ),
    'insert': (
        SkillRule(('insert', 'plug', 'stick', 'slot', 'fit', 'thread', 'slide', 'push', 'squeeze', 'poke', 'peg'),
                  needs=IN, target=IN),
        SkillRule(('plug', 'slot', 'push', 'put'), particle='in', needs=TO, target=TO),
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
        SkillRule(('pull', 'slide', 'swing', 'flip', 'push', 'lift', 'pop'), particle='open', other=(WITH,)),
        SkillRule(('pull',), particle='out', other=(FROM, WITH)),
    ),
    'close': (
        SkillRule(('close', 'shut'), particle='up', optional_particle=True, other=(WITH, ON)),
        SkillRule(('push', 'slide', 'swing', 'flip', 'pull'), particle='shut', other=(WITH,)),
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
    'swipe': (SkillRule(('swipe', 'slide', 'tap', 'run', 'drag'), needs=ON, target=ON),
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
    'pull': (SkillRule(('pull', 'drag', 'tug', 'draw', 'yank', 'tow', 'haul'), other=(TO, FROM)),
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
    'turn_left': (SkillRule(('turn', 'rotate', 'twist', 'spin', 'steer', 'swivel'), particle='left', other=(WITH, ON)),),
    'turn_right': (SkillRule(('turn', 'rotate', 'twist', 'spin', 'steer', 'swivel'), particle='right',
                             other=(WITH, ON)),),
    'remove': (SkillRule(('remove', 'detach', 'extract', 'withdraw', 'peel', 'strip', 'clear'), other=(FROM,)),
               SkillRule(('take', 'pull', 'lift', 'get', 'pluck', 'slide', 'pop'), particle='off', other=(FROM, WITH)),
               SkillRule(('take', 'lift', 'pull', 'slide', 'pop', 'pluck'), needs=FROM, other=(FROM,)),
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
        ('wipe', 'dust'): 0.6,
        ('wipe', 'wash'): 0.6,
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

# "push the button" is press, not push
PRESSABLE = frozenset({'button', 'switch', 'key', 'doorbell', 'bell', 'buzzer', 'trigger', 'pedal'})

# canonical noun: what people also call it
NOUN_SYNONYMS: dict[str, tuple[str, ...]] = {
    'mug': ('cup', 'coffee mug', 'coffee cup', 'teacup', 'tea cup', 'tea mug', 'beaker', 'tankard'),
    'glass': ('tumbler', 'drinking glass', 'water glass', 'wineglass', 'wine glass', 'goblet'),
    'bottle': ('flask', 'water bottle', 'flagon', 'drinks bottle'),
    'box': ('carton', 'package', 'parcel', 'cardboard box', 'packet', 'crate', 'case'),
    'block': ('cube', 'brick', 'wooden block', 'building block', 'toy block'),
    'plate': ('dish', 'saucer', 'platter', 'dinner plate'),
    'bowl': ('basin', 'soup bowl', 'cereal bowl'),
    'drawer': ('desk drawer', 'top drawer', 'cabinet drawer', 'drawers'),
    'button': ('push button', 'pushbutton', 'push-button'),
    'peg': ('dowel', 'pin', 'stick', 'rod', 'cylinder peg', 'plug pin'),
    'hole': ('socket hole', 'slot', 'opening', 'peg hole'),
    'spot': ('mark', 'marker', 'marked spot', 'marked area', 'goal', 'target', 'target area', 'cross', 'location',
             'marked place', 'marked location', 'goal spot', 'place', 'position'),
    'sled': ('sledge', 'slider', 'sleigh', 'slide block'),
    'jar': ('pot of jam', 'jam jar', 'canister', 'mason jar'),
    'can': ('tin', 'soda can', 'tin can', 'beer can', 'coke can'),
    'lid': ('cap', 'cover', 'top', 'bottle cap'),
    'pan': ('frying pan', 'skillet', 'frypan', 'saucepan'),
    'pot': ('cooking pot', 'stockpot', 'casserole'),
    'lamp': ('desk lamp', 'light', 'table lamp', 'bedside lamp', 'lights'),
    'switch': ('light switch', 'toggle'),
    'tap': ('faucet', 'spigot', 'water tap'),
    'cupboard': ('cabinet', 'wardrobe', 'closet'),
    'door': ('gate',),
    'fridge': ('refrigerator', 'icebox'),
    'oven': ('stove', 'cooker'),
    'microwave': ('microwave oven',),
    'bin': ('trash can', 'garbage can', 'waste bin', 'trash', 'rubbish bin', 'wastebasket', 'garbage bin', 'dustbin',
            'trash bin', 'garbage'),
    'cloth': ('rag', 'towel', 'dishcloth', 'washcloth', 'duster', 'tea towel', 'napkin', 'tissue', 'handkerchief'),
    'sponge': ('scrubber', 'scourer'),
    'shirt': ('t shirt', 'tee shirt', 'tshirt', 'blouse', 'tee'),
    'jacket': ('coat', 'blazer', 'parka', 'anorak'),
    'trousers': ('pants', 'jeans', 'slacks'),
    'bag': ('sack', 'pouch', 'handbag', 'tote', 'purse'),
    'backpack': ('rucksack', 'knapsack', 'schoolbag'),
    'shoe': ('sneaker', 'trainer', 'boot', 'shoes', 'loafer'),
    'hat': ('baseball cap', 'beanie', 'bonnet'),
    'hook': ('peg hook', 'coat hook', 'hanger', 'coat hanger', 'wall hook'),
    'rack': ('stand', 'mug tree', 'holder', 'mug rack', 'drying rack', 'mug holder'),
    'shelf': ('ledge', 'bookshelf', 'rack shelf'),
    'table': ('desk', 'tabletop', 'worktop', 'counter', 'countertop', 'bench', 'workbench', 'desktop'),
    'basket': ('hamper', 'wicker basket'),
    'tray': ('serving tray', 'baking tray'),
    'spoon': ('teaspoon', 'tablespoon', 'ladle', 'scoop'),
    'fork': ('dinner fork',),
    'knife': ('blade', 'kitchen knife', 'penknife'),
    'spatula': ('turner', 'flipper'),
    'pencil': ('crayon',),
    'pen': ('ballpoint', 'biro', 'ballpoint pen', 'felt pen', 'marker pen'),
    'sharpener': ('pencil sharpener',),
    'book': ('novel', 'textbook', 'paperback', 'magazine', 'notebook'),
    'paper': ('sheet', 'sheet of paper', 'paper sheet', 'letter', 'document'),
    'card': ('credit card', 'bank card', 'debit card', 'payment card', 'id card', 'smart card'),
    'card reader': ('card terminal', 'payment terminal', 'reader', 'terminal', 'card machine'),
    'phone': ('mobile', 'smartphone', 'cell phone', 'mobile phone', 'cellphone', 'telephone', 'iphone'),
    'television': ('tv', 'telly', 'tv set'),
    'computer': ('pc', 'laptop', 'notebook computer'),
    'remote': ('remote control', 'tv remote', 'controller', 'clicker'),
    'radio': ('wireless', 'stereo'),
    'kettle': ('teakettle', 'tea kettle', 'electric kettle'),
    'teapot': ('tea pot', 'coffee pot', 'coffeepot'),
    'jug': ('pitcher', 'carafe', 'milk jug', 'water jug', 'ewer'),
    'vase': ('flower vase', 'urn', 'flowerpot'),
    'toy car': ('car', 'model car', 'matchbox car'),
    'ball': ('tennis ball', 'football', 'sphere', 'golf ball'),
    'doll': ('teddy', 'teddy bear', 'plush toy', 'stuffed animal', 'plushie', 'soft toy'),
    'hammer': ('mallet',),
    'screwdriver': (),
    'wrench': ('spanner',),
    'drill': ('power drill', 'electric drill'),
    'key': ('door key', 'house key'),
    'lock': ('padlock', 'keyhole'),
    'bulb': ('light bulb', 'lightbulb', 'lamp bulb'),
    'candle': ('taper', 'tealight', 'tea light'),
    'lighter': ('matches', 'match', 'cigarette lighter'),
    'plug': ('power plug', 'electric plug', 'mains plug'),
    'socket': ('outlet', 'wall socket', 'power outlet', 'power socket', 'wall outlet'),
    'usb stick': ('flash drive', 'thumb drive', 'usb drive', 'memory stick', 'pendrive', 'usb key'),
    'port': ('usb port', 'usb slot'),
    'knob': ('dial', 'rotary knob', 'doorknob', 'door knob', 'control knob'),
    'handle': ('lever', 'grip', 'door handle', 'crank handle'),
    'valve': ('stopcock',),
    'wheel': ('steering wheel', 'hand wheel', 'handwheel'),
    'banana': (),
    'apple': (),
    'orange': (),
    'carrot': (),
    'egg': ('eggs',),
    'bread': ('loaf', 'slice of bread', 'toast', 'bread slice'),
    'toaster': (),
    'soup': ('broth', 'stew'),
    'rice': ('grain', 'grains'),
    'sugar': (),
    'salt': (),
    'coffee': ('espresso', 'latte'),
    'tea': (),
    'water': (),
    'cereal': ('cornflakes', 'muesli', 'granola'),
    'milk': (),
    'soap': ('bar of soap', 'soap bar'),
    'toothbrush': ('tooth brush',),
    'brush': ('paintbrush', 'paint brush', 'hairbrush'),
    'scissors': ('shears', 'pair of scissors'),
    'stapler': (),
    'tape': ('sticky tape', 'duct tape', 'sellotape', 'roll of tape', 'scotch tape'),
    'whiteboard': ('board', 'white board'),
    'eraser': ('rubber', 'board eraser'),
    'window': ('pane',),
    'curtain': ('drape', 'curtains', 'blind'),
    'laptop': ('notebook pc', 'macbook'),
    'headphones': ('headset', 'earphones', 'earbuds', 'headphone'),
    'glasses': ('spectacles', 'sunglasses', 'eyeglasses', 'goggles'),
    'watch': ('wristwatch',),
    'wallet': ('billfold', 'purse wallet'),
    'ring': ('hoop', 'torus'),
    'bell': ('doorbell', 'service bell', 'hand bell', 'desk bell'),
    'alarm': ('alarm clock', 'clock'),
    'fan': ('ventilator', 'desk fan'),
    'printer': (),
    'tissue box': ('box of tissues', 'kleenex box'),
    'shaker': ('salt shaker', 'pepper shaker', 'pepper mill', 'cocktail shaker', 'saltshaker', 'salt cellar'),
    'bucket': ('pail',),
    'broom': ('sweeper',),
    'pillow': ('cushion',),
    'blanket': ('duvet', 'quilt', 'throw'),
    'sofa': ('couch', 'settee'),
    'chair': ('stool', 'seat', 'armchair'),
    'umbrella': ('parasol', 'brolly'),
    'flower': ('rose', 'tulip', 'daisy'),
    'board': ('chopping board', 'cutting board'),
    'napkin holder': (),
    'iron': ('flat iron', 'clothes iron'),
    'grater': ('cheese grater',),
    'corkscrew': ('bottle opener', 'opener'),
    'egg box': ('egg carton',),
    'tin opener': ('can opener',),
}  # fmt: skip

# different things that people do not always keep apart
RELATED_NOUNS: dict[frozenset[str], float] = {
    frozenset(pair): value
    for pair, value in {
        ('mug', 'glass'): 0.6,
        ('bottle', 'jug'): 0.45,
        ('bottle', 'jar'): 0.45,
        ('box', 'block'): 0.5,
        ('plate', 'bowl'): 0.45,
        ('plate', 'tray'): 0.5,
        ('pot', 'pan'): 0.6,
        ('jug', 'kettle'): 0.45,
        ('teapot', 'kettle'): 0.55,
        ('cupboard', 'drawer'): 0.4,
        ('bag', 'backpack'): 0.6,
        ('bin', 'basket'): 0.5,
        ('bin', 'box'): 0.35,
        ('basket', 'box'): 0.45,
        ('tray', 'box'): 0.3,
        ('jar', 'can'): 0.5,
        ('jar', 'pot'): 0.5,
        ('pen', 'pencil'): 0.6,
        ('cloth', 'sponge'): 0.5,
        ('knob', 'handle'): 0.45,
        ('knob', 'valve'): 0.5,
        ('valve', 'tap'): 0.5,
        ('valve', 'wheel'): 0.5,
        ('lamp', 'switch'): 0.45,
        ('lamp', 'bulb'): 0.5,
        ('button', 'switch'): 0.5,
        ('hook', 'rack'): 0.6,
        ('shelf', 'rack'): 0.5,
        ('shelf', 'table'): 0.4,
        ('fridge', 'door'): 0.3,
        ('sled', 'block'): 0.5,
        ('sled', 'box'): 0.35,
        ('socket', 'hole'): 0.45,
        ('socket', 'port'): 0.5,
        ('hole', 'port'): 0.45,
        ('plug', 'peg'): 0.4,
        ('shirt', 'jacket'): 0.45,
        ('computer', 'laptop'): 0.9,
        ('oven', 'microwave'): 0.55,
        ('alarm', 'watch'): 0.4,
        ('board', 'whiteboard'): 0.8,
        ('spot', 'hole'): 0.3,
        ('card', 'paper'): 0.3,
        ('brush', 'toothbrush'): 0.5,
        ('knife', 'scissors'): 0.4,
        ('fork', 'spoon'): 0.45,
        ('bell', 'button'): 0.45,
        ('usb stick', 'plug'): 0.4,
    }.items()
}

GENERIC_NOUNS = frozenset({'it', 'that', 'this', 'object', 'thing', 'item', 'one', 'something', 'anything', 'stuff',
                           'them', 'these', 'those', 'target object'})  # fmt: skip

# attribute: kind; two different attributes of one kind contradict each other
ATTRIBUTES: dict[str, str] = {
    **dict.fromkeys(('red', 'green', 'blue', 'yellow', 'orange', 'purple', 'pink', 'brown', 'black', 'white', 'grey',
                     'beige', 'turquoise', 'violet', 'golden', 'silver', 'transparent'), 'colour'),
    **dict.fromkeys(('big', 'small', 'medium', 'tiny'), 'size'),
    **dict.fromkeys(('tall', 'short', 'long'), 'length'),
    **dict.fromkeys(('wooden', 'metal', 'plastic', 'ceramic', 'paper', 'cardboard', 'steel', 'rubber', 'leather',
                     'cotton'), 'material'),
    **dict.fromkeys(('left', 'right', 'middle'), 'side'),
    **dict.fromkeys(('upper', 'lower', 'top', 'bottom'), 'level'),
    **dict.fromkeys(('round', 'square', 'flat', 'rectangular', 'triangular', 'oval'), 'shape'),
    **dict.fromkeys(('empty', 'full'), 'fill'),
    **dict.fromkeys(('old', 'new', 'clean', 'dirty', 'hot', 'cold', 'striped', 'folded', 'closed', 'own', 'nice',
                     'electric', 'nearest', 'closest'), 'other'),
}  # fmt: skip

ATTRIBUTE_SYNONYMS = {
    'gray': 'grey', 'large': 'big', 'huge': 'big', 'little': 'small', 'mini': 'small', 'crimson': 'red',
    'scarlet': 'red', 'navy': 'blue', 'azure': 'blue', 'cyan': 'turquoise', 'teal': 'turquoise', 'lime': 'green',
    'gold': 'golden', 'clear': 'transparent', 'wood': 'wooden', 'metallic': 'metal', 'metallic grey': 'grey',
    'purplish': 'purple', 'reddish': 'red', 'bluish': 'blue', 'greenish': 'green', 'uppermost': 'top',
    'topmost': 'top', 'lowest': 'bottom', 'circular': 'round', 'porcelain': 'ceramic', 'china': 'ceramic',
    'magenta': 'pink', 'tan': 'beige',
}  # fmt: skip

# parts of things by which they are taken ("by the handle")
PARTS: dict[str, str] = {
    'handle': 'handle', 'grip': 'handle', 'ear': 'handle', 'rim': 'rim', 'edge': 'rim', 'lip': 'rim', 'brim': 'rim',
    'neck': 'neck', 'body': 'body', 'side': 'side', 'sides': 'side', 'top': 'top', 'lid': 'lid', 'base': 'base',
    'bottom': 'base', 'corner': 'corner', 'cap': 'lid', 'middle': 'middle', 'waist': 'middle',
}  # fmt: skip

DETERMINERS = frozenset(
    ('the a an my your our his her their its this that these those some any one please another other there here '
     'both all every each two three pair which is are standing lying sitting placed and').split()
)  # fmt: skip

ADVERBS = frozenset(
    ('please now then carefully gently slowly quickly kindly just again first finally also immediately '
     'straight right-away properly firmly softly completely fully once together over-there thanks thank you okay ok '
     'asap instead simply directly').split()
)  # fmt: skip

# leading phrases that only wrap the instruction; longest first at use
POLITENESS = (
    'hey robot', 'hello robot', 'ok robot', 'okay robot', 'dear robot', 'robot', 'hey', 'hello', 'hi', 'ok', 'okay',
    'please', 'now', 'then', 'next', 'first', 'so', 'well', 'and', 'could you', 'can you', 'would you', 'will you',
    'would you mind', 'do you mind', 'could i ask you to', 'can i ask you to', 'may i ask you to', 'i want you to',
    'i would like you to', "i'd like you to", 'i need you to', 'i would love you to', 'i want to see you',
    'you should', 'you have to', 'you must', 'you can', 'you need to', 'you are to', 'your task is to',
    'your job is to', 'the task is to', 'try to', 'try and', 'go and', 'go', 'go ahead and', 'help me', 'help me to',
    'help me by', 'make sure to', 'make sure you', 'be so kind as to', 'be so kind and', 'be a dear and',
    "let's", 'lets', 'let us', 'time to', "it's time to", 'it is time to', 'kindly', 'just', 'quickly', 'carefully',
    'gently', 'slowly', 'proceed to', 'start by', 'begin by', 'i want to', "i'd like to", 'i would like to',
    'how about', 'how about you', 'what about', 'use the gripper to', 'use your gripper to', 'use your arm to',
    'use your hand to', 'with your hand', 'if you would', 'if you can', 'if possible', 'possibly', 'we need to',
    'we have to', 'we should', 'we want to', 'your turn to', 'i wish you would', 'i wish you to', 'may i have you',
    'have the robot', 'make the robot', 'let the robot', 'get the robot to', 'the robot should', 'the arm should',
    'you may', 'maybe', 'perhaps', 'attempt to', 'demonstrate how to', 'show me how to', 'show me how you', 'to',
    'could you be so kind as to', 'would you be so kind as to', 'do', 'i need to', 'please do',
)  # fmt: skip

TRAILING = (
    'please', 'for me', 'now', 'thanks', 'thank you', 'would you', 'will you', 'could you', 'can you', 'if you can',
    'if you would', 'right now', 'right away', 'at once', 'immediately', 'carefully', 'gently', 'slowly', 'quickly',
    'if possible', 'if you please', 'if you do not mind', "if you don't mind", 'ok', 'okay', 'again', 'once more',
    'for us', 'robot', 'as soon as possible', 'asap', 'my friend', 'dear', 'a bit', 'a little', 'with care',
    'to me', 'over there', 'please robot', 'in your hand', 'in your gripper', 'with your hand', 'with the gripper',
    'with your gripper', 'in the gripper', 'in front of you', 'in place', 'with the arm', 'then',
    'once', 'completely', 'all the way', 'fully', 'a little bit', 'from there', 'off your hands', 'there',
)  # fmt: skip

# phrases that mean one particle
PARTICLE_PHRASES: dict[str, str] = {
    'counter clockwise': 'anticlockwise', 'counterclockwise': 'anticlockwise', 'anti clockwise': 'anticlockwise',
    'against the clock': 'anticlockwise', 'to the left': 'left', 'to the right': 'right', 'leftwards': 'left',
    'rightwards': 'right', 'leftward': 'left', 'rightward': 'right', 'on fire': 'fire', 'hold of': 'hold',
    'with the clock': 'clockwise', 'upwards': 'up', 'downwards': 'down', 'forwards': 'forward', 'out of the': 'out of the',
}  # fmt: skip

ANTONYM_SUFFIXES = ('un', 're', 'dis')

IRREGULAR_VERBS = {
    'took': 'take', 'taken': 'take', 'taking': 'take', 'put': 'put', 'putting': 'put', 'got': 'get', 'getting': 'get',
    'gave': 'give', 'giving': 'give', 'held': 'hold', 'hung': 'hang', 'shut': 'shut', 'shutting': 'shut', 'set': 'set',
    'setting': 'set', 'laid': 'lay', 'laying': 'lay', 'lit': 'light', 'brought': 'bring', 'caught': 'catch',
    'spun': 'spin', 'spinning': 'spin', 'shook': 'shake', 'shaking': 'shake', 'slid': 'slide', 'sliding': 'slide',
    'grabbing': 'grab', 'grabbed': 'grab', 'dropping': 'drop', 'dropped': 'drop', 'plugging': 'plug',
    'fitting': 'fit', 'zipping': 'zip', 'unzipping': 'unzip', 'stirring': 'stir', 'mopping': 'mop',
    'tapping': 'tap', 'hitting': 'hit', 'tipping': 'tip', 'slotting': 'slot', 'swiping': 'swipe', 'wiping': 'wipe',
    'placing': 'place', 'moving': 'move', 'closing': 'close', 'raising': 'raise', 'retrieving': 'retrieve',
    'removing': 'remove', 'stashing': 'stash', 'tossing': 'toss', 'ironing': 'iron', 'hanging': 'hang',
    'rotating': 'rotate', 'igniting': 'ignite', 'seizing': 'seize', 'piling': 'pile', 'storing': 'store',
    'squeezing': 'squeeze', 'releasing': 'release', 'nudging': 'nudge', 'shoving': 'shove', 'positioning': 'position',
    'rinsing': 'rinse', 'activating': 'activate', 'deactivating': 'deactivate', 'regrasping': 'regrasp',
    'dragging': 'drag', 'tugging': 'tug', 'unplugging': 'unplug', 'scrubbing': 'scrub', 'rubbing': 'rub',
    'serving': 'serve', 'sprinkling': 'sprinkle', 'leaving': 'leave', 'topping': 'top', 'honing': 'hone',
    'detaching': 'detach', 'flipping': 'flip', 'popping': 'pop', 'poking': 'poke', 'mixing': 'mix',
}  # fmt: skip
