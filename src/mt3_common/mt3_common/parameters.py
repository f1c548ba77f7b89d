"""ROS parameters from configuration models: each field is described once, in the model.

Nested models become dotted names, tuples become arrays. The parameters are read-only: what is not read again must
not look as if it could be changed.
"""

import sys
import types
import typing
from typing import Any, Literal, TypeVar

from pydantic.fields import FieldInfo
from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor
from rclpy.node import Node
from rclpy.parameter import Parameter

from mt3_common.config import Config, parse_config
from mt3_common.errors import InvalidInput

__all__ = ['declare']

Model = TypeVar('Model', bound=Config)

_SCALARS = {
    bool: Parameter.Type.BOOL,
    int: Parameter.Type.INTEGER,
    float: Parameter.Type.DOUBLE,
    str: Parameter.Type.STRING,
}
_ARRAYS = {
    bool: Parameter.Type.BOOL_ARRAY,
    int: Parameter.Type.INTEGER_ARRAY,
    float: Parameter.Type.DOUBLE_ARRAY,
    str: Parameter.Type.STRING_ARRAY,
}
_OF_RCLPY = ('use_sim_time', 'start_type_description_service')  # every node has these


def declare(node: Node, model: type[Model], prefix: str = '') -> Model:
    """Declare every field of a model as a parameter of a node and return the checked values.

    Args:
        prefix: Put before each name, with a dot. Declare prefixed models first: the one without a prefix refuses
            everything that is not declared by then.

    Returns:
        The model with defaults, parameter files and command line applied.

    Raises:
        InvalidInput: A value out of range or of a wrong type, or a parameter that no field has; names the valid ones.
    """
    fields = dict(_flatten(model, model(), prefix))
    given = {
        name: parameter.value
        # rclpy has no public way to see overrides of parameters that nobody declared
        for name, parameter in node._parameter_overrides.items()
        if name.startswith(f'{prefix}.' if prefix else '')
        and not node.has_parameter(name)
        and name not in _OF_RCLPY
        and not name.startswith('qos_overrides.')
    }
    source = f'parameters of {node.get_fully_qualified_name()}'
    unknown = sorted(set(given) - set(fields))
    if unknown:
        raise InvalidInput(f'{source}: unknown {", ".join(unknown)}; valid names: {", ".join(sorted(fields))}')
    nested: dict[str, Any] = {}
    for name, value in given.items():
        at, *path = name.removeprefix(f'{prefix}.' if prefix else '').split('.')[::-1]
        inner = nested
        for part in reversed(path):
            inner = inner.setdefault(part, {})
        inner[at] = list(value) if hasattr(value, 'typecode') else value
    values = parse_config(model, nested, source)
    for name, (value, field) in _flatten(model, values, prefix):
        _declare_one(node, name, value, field)
    return values


def _flatten(model: type[Config], values: Config, prefix: str) -> list[tuple[str, tuple[Any, FieldInfo]]]:
    """Leaves of a model: [(dotted name, (value, field))]."""
    leaves = []
    for name, field in model.model_fields.items():
        dotted = f'{prefix}.{name}' if prefix else name
        value = getattr(values, name)
        if isinstance(value, Config):
            leaves += _flatten(type(value), value, dotted)
        else:
            leaves.append((dotted, (value, field)))
    return leaves


def _declare_one(node: Node, name: str, value: Any, field: FieldInfo) -> None:
    kind, choices, length, optional = _kind(name, field.annotation)
    unit = (field.json_schema_extra or {}).get('unit', '')
    low, high = (_bound(field, which) for which in ('ge', 'le'))
    constraints = []
    if unit:
        constraints.append(f'unit: {unit}')
    if choices:
        constraints.append(f'one of: {", ".join(choices)}')
    if length:
        constraints.append(f'{length} values')
    descriptor = ParameterDescriptor(
        name=name,
        type=kind.value,
        description=(field.description or '') + (f' [{unit}]' if unit else ''),
        additional_constraints='; '.join(constraints),
        read_only=True,
        dynamic_typing=optional,
    )
    if low is not None or high is not None:
        if kind == Parameter.Type.DOUBLE:
            huge = sys.float_info.max
            descriptor.floating_point_range = [
                FloatingPointRange(
                    from_value=-huge if low is None else float(low), to_value=huge if high is None else float(high)
                )
            ]
        elif kind == Parameter.Type.INTEGER:
            descriptor.integer_range = [
                IntegerRange(
                    from_value=-(2**63) if low is None else int(low),
                    to_value=2**63 - 1 if high is None else int(high),
                    step=1,
                )
            ]
    value = list(value) if isinstance(value, tuple) else value
    node.declare_parameter(name, value, descriptor, ignore_override=True)


def _kind(name: str, annotation: Any) -> tuple[Parameter.Type, tuple[str, ...], int, bool]:
    """Parameter type, choices, fixed length of an array (0: any), and whether it may be unset."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType) and type(None) in arguments and len(arguments) == 2:
        inner = next(a for a in arguments if a is not type(None))
        kind, choices, length, _ = _kind(name, inner)
        return kind, choices, length, True
    if origin is Literal:
        return _SCALARS[type(arguments[0])], tuple(str(a) for a in arguments), 0, False
    if origin in (tuple, list) and arguments and arguments[0] in _ARRAYS:
        fixed = origin is tuple and Ellipsis not in arguments
        return _ARRAYS[arguments[0]], (), len(arguments) if fixed else 0, False
    if annotation in _SCALARS:
        return _SCALARS[annotation], (), 0, False
    raise InvalidInput(f'configuration field {name} has the type {annotation}, which a ROS parameter cannot hold')


def _bound(field: FieldInfo, which: str) -> float | None:
    return next((getattr(item, which) for item in field.metadata if hasattr(item, which)), None)
