"""How people ask for a task: several wordings of each instruction."""

__all__ = ['named', 'said']

_VERBS: dict[str, tuple[str, ...]] = {
    'pick': ('pick up {x}', 'grab {x}', 'lift {x}', 'take {x}'),
    'pick part': ('pick up {x} by the {part}', 'grab {x} by the {part}', 'lift {x} by its {part}'),
    'take out': ('take {x} out of {y}', 'remove {x} from {y}', 'get {x} out of {y}'),
    'take from': ('pick up {x} from {y}', 'take {x} off {y}', 'lift {x} from {y}'),
    'put on': ('place {x} on {y}', 'put {x} on {y}', 'set {x} down on {y}'),
    'put in': ('place {x} in {y}', 'put {x} into {y}', 'drop {x} in {y}'),
    'put next to': ('place {x} next to {y}', 'put {x} beside {y}', 'set {x} down next to {y}'),
    'stack': ('stack {x} on {y}', 'stack {x} on top of {y}', 'put {x} on top of {y}'),
    'insert': ('insert {x} into {y}', 'put {x} in {y}', 'stick {x} into {y}'),
    'hang': ('hang {x} on {y}', 'put {x} on {y}', 'hang {x} up on {y}'),
    'pour': ('pour from {x} into {y}', 'empty {x} into {y}', 'pour {x} into {y}'),
    'push': ('push {x} forward', 'shove {x} forward', 'push {x}'),
    'pull': ('pull {x} back', 'drag {x} back', 'pull {x}'),
    'press': ('press {x}', 'push down {x}', 'hit {x}'),
    'turn left': ('turn {x} left', 'turn {x} anticlockwise', 'rotate {x} to the left'),
    'turn right': ('turn {x} right', 'turn {x} clockwise', 'rotate {x} to the right'),
    'open': ('open {x}', 'pull {x} open', 'open up {x}'),
    'close': ('close {x}', 'shut {x}', 'push {x} shut'),
    'swipe': ('wipe {y} with {x}', 'swipe {y} with {x}', 'wipe off {y} with {x}'),
}


def named(category: str) -> str:
    """Return a category with its article; what a variant of it starts as is not said ('open chest' is a chest)."""
    return f'the {category.removeprefix("open ")}'


def said(skill: str, x: str, y: str = '', part: str = '') -> tuple[str, tuple[str, ...]]:
    """Return the instruction as the teacher says it, and other ways to ask for the same.

    Args:
        skill: What is done.
        x: Category that is moved, or the only one.
        y: Category of the other thing.
        part: What is gripped.
    """
    first, *others = (text.format(x=named(x), y=named(y), part=part) for text in _VERBS[skill])
    return first, tuple(others)
