"""Small words: determiners, politeness, particles, irregular verbs."""

DETERMINERS = frozenset(
    ('the a an my your our his her their its this that these those some any one please another other there here '
     'both all every each two three pair which is are standing lying sitting placed and').split()
)  # fmt: skip

ADVERBS = frozenset(
    ('please now then carefully gently slowly quickly kindly just again first finally also immediately '
     'straight right-away properly firmly softly completely fully once together over-there thanks thank you okay ok '
     'well neatly asap instead simply directly').split()
)  # fmt: skip

# leading phrases that only wrap the instruction; longest first at use
POLITENESS = (
    'hey robot', 'hello robot', 'ok robot', 'okay robot', 'dear robot', 'robot', 'hey', 'hello', 'hi', 'ok', 'okay',
    'please', 'now', 'then', 'next', 'first', 'so', 'well', 'and', 'could you', 'can you', 'would you', 'will you',
    'would you mind', 'do you mind', 'could i ask you to', 'can i ask you to', 'may i ask you to', 'i want you to',
    'i would like you to', "i'd like you to", 'i need you to', 'i would love you to', 'i want to see you',
    'you should', 'you have to', 'you must', 'you can', 'you need to', 'you are to', 'your task is to',
    'your job is to', 'the task is to', 'try to', 'try and', 'go and', 'go', 'go ahead and', 'give me a hand and',
    'lend me a hand and', 'help me', 'help me to',
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
    'to the left of': 'beside', 'to the right of': 'beside', 'left of': 'beside', 'right of': 'beside',
    'against the clock': 'anticlockwise', 'to the left': 'left', 'to the right': 'right', 'leftwards': 'left',
    'rightwards': 'right', 'leftward': 'left', 'rightward': 'right', 'on fire': 'fire', 'hold of': 'hold',
    'with the clock': 'clockwise', 'upwards': 'up', 'downwards': 'down', 'forwards': 'forward',
}  # fmt: skip


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
