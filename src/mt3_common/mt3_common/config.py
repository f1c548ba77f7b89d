"""Configuration: pydantic models with working defaults, loaded from YAML, unknown keys refused.

Each field carries its description, unit and range; `mt3_common.parameters` declares the same
fields as ROS parameters, so a number is described once.
"""

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mt3_common.errors import InvalidInput

__all__ = ['Config', 'load_config', 'parse_config', 'save_config', 'setting']

Model = TypeVar('Model', bound='Config')


class Config(BaseModel):
    """Base of every configuration: frozen, unknown keys refused."""

    model_config = ConfigDict(extra='forbid', frozen=True, validate_default=True)


def setting(default: Any, description: str, unit: str = '', *, ge: float | None = None, le: float | None = None) -> Any:
    """Declare a field: its default, what it is, its unit (empty: none), and its closed range."""
    return Field(default, description=description, ge=ge, le=le, json_schema_extra={'unit': unit})


def parse_config(model: type[Model], values: dict[str, Any] | None, source: str) -> Model:
    """Return a checked configuration from plain values.

    Args:
        source: Where the values come from, for the message.

    Raises:
        InvalidInput: An unknown key or a value out of range; names both and the valid keys.
    """
    try:
        return model.model_validate(values or {})
    except ValidationError as error:
        lines = []
        for problem in error.errors():
            key = '.'.join(str(part) for part in problem['loc']) or '(top level)'
            if problem['type'] == 'extra_forbidden':
                lines.append(f'{key}: unknown key; valid keys: {", ".join(sorted(model.model_fields))}')
            else:
                lines.append(f'{key} = {problem["input"]!r}: {problem["msg"]}')
        raise InvalidInput(f'{source}: ' + '; '.join(lines)) from error


def load_config(model: type[Model], path: str | Path) -> Model:
    """Read a YAML file into a checked configuration.

    Raises:
        InvalidInput: The file is missing, is not YAML, or holds unknown keys or bad values.
    """
    path = Path(path)
    try:
        values = yaml.safe_load(path.read_text(encoding='utf-8'))
    except FileNotFoundError as error:
        raise InvalidInput(f'configuration file {path} does not exist') from error
    except yaml.YAMLError as error:
        raise InvalidInput(f'configuration file {path} is not valid YAML: {error}') from error
    if values is not None and not isinstance(values, dict):
        raise InvalidInput(f'configuration file {path} must hold key: value pairs, got a {type(values).__name__}')
    return parse_config(model, values, str(path))


def save_config(config: Config, path: str | Path) -> None:
    """Write the effective configuration as YAML, so that a run can be read later."""
    Path(path).write_text(yaml.safe_dump(config.model_dump(mode='json'), sort_keys=False), encoding='utf-8')
