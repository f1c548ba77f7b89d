"""SQL conditions on the library's columns, with every value quoted."""

from datetime import datetime, timezone

from mt3_common.errors import InvalidInput

__all__ = ['ALIVE', 'all_of', 'any_of', 'equals', 'literal', 'since', 'tagged', 'user_filter']

ALIVE = 'removed_at IS NULL'


def literal(value: str | bool | int | float) -> str:
    """Return a value as an SQL literal."""
    if isinstance(value, bool):
        return 'true' if value else 'false'
    if isinstance(value, (int, float)):
        return repr(value)
    if '\0' in value:
        raise InvalidInput('a text with a zero byte cannot be searched for')
    return "'" + value.replace("'", "''") + "'"


def equals(column: str, value: str | bool | int | float) -> str:
    """Return `column = value`."""
    return f'{column} = {literal(value)}'


def any_of(column: str, values: list[str] | tuple[str, ...]) -> str:
    """Return `column IN (values)`; false when there are none."""
    return f'{column} IN ({", ".join(literal(v) for v in values)})' if values else 'false'


def tagged(tag: str) -> str:
    """Return the condition that a demonstration carries a tag."""
    return f'array_has(tags, {literal(tag)})'


def since(column: str, moment: datetime) -> str:
    """Return the condition that a time is not before a moment."""
    return f'{column} >= TIMESTAMP {literal(moment.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f+00:00"))}'


def all_of(*conditions: str) -> str:
    """Join conditions with AND; empty ones are left out."""
    return ' AND '.join(f'({c})' for c in conditions if c.strip())


def user_filter(text: str) -> str:
    """Return a condition written by a person, made safe to be put between parentheses.

    The query engine evaluates it and nothing else: it has no statements. What could still go wrong is
    a condition that ends early and drops those put after it, so quotes and parentheses must balance.

    Raises:
        InvalidInput: It cannot be one condition.
    """
    depth, quoted = 0, False
    for c in text:
        if c == "'":
            quoted = not quoted
        elif not quoted:
            depth += (c == '(') - (c == ')')
            if depth < 0 or c == ';':
                break
    if quoted or depth or ';' in text or '--' in text or '/*' in text:
        raise InvalidInput(
            f"filter {text!r} is not one SQL condition; write for example skill = 'pick_up' AND NOT simulated"
        )
    return text.strip()
