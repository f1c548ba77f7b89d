from typing import Literal

import pytest

rclpy = pytest.importorskip('rclpy')

from rclpy.parameter import Parameter  # noqa: E402

from mt3_common.config import Config, setting  # noqa: E402
from mt3_common.errors import InvalidInput  # noqa: E402
from mt3_common.parameters import declare  # noqa: E402


class Inner(Config):
    width: float = setting(0.5, 'how wide', 'm', ge=0.0, le=1.0)
    names: tuple[str, ...] = setting((), 'names')


class Outer(Config):
    count: int = setting(3, 'how many', ge=0)
    kind: Literal['a', 'b'] = setting('a', 'which kind')
    corner: tuple[float, float, float] = setting((0.0, 1.0, 2.0), 'a corner', 'm')
    limit: float | None = setting(None, 'may be left unset')
    inner: Inner = Inner()


def node(ros, **values):
    overrides = [Parameter(name.replace('__', '.'), value=value) for name, value in values.items()]
    return ros.add(rclpy.create_node('configured', context=ros.context, parameter_overrides=overrides))


def test_defaults_descriptions_units_and_ranges(ros):
    me = node(ros)
    assert declare(me, Outer) == Outer()
    width = me.describe_parameter('inner.width')
    assert width.description == 'how wide [m]' and width.additional_constraints == 'unit: m' and width.read_only
    assert (width.floating_point_range[0].from_value, width.floating_point_range[0].to_value) == (0.0, 1.0)
    assert me.describe_parameter('count').integer_range[0].from_value == 0
    assert me.describe_parameter('kind').additional_constraints == 'one of: a, b'
    assert '3 values' in me.describe_parameter('corner').additional_constraints


def test_overrides_reach_the_model_and_the_parameters(ros):
    me = node(ros, count=7, inner__width=1, inner__names=['x', 'y'], corner=[1, 2, 3], limit=2.5, kind='b')
    values = declare(me, Outer)
    assert values == Outer(
        count=7, kind='b', corner=(1.0, 2.0, 3.0), limit=2.5, inner=Inner(width=1.0, names=('x', 'y'))
    )
    assert me.get_parameter('inner.width').value == 1.0
    assert list(me.get_parameter('corner').value) == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ('values', 'words'),
    [
        ({'inner__widht': 0.1}, ['inner.widht', 'inner.width']),
        ({'inner__width': 2.0}, ['inner.width = 2.0', 'less than or equal to 1']),
        ({'kind': 'c'}, ["'c'", "'a' or 'b'"]),
        ({'count': 'many'}, ['count', 'integer']),
        ({'corner': [1.0, 2.0]}, ['corner']),
    ],
)
def test_refuses_by_name(ros, values, words):
    with pytest.raises(InvalidInput) as refusal:
        declare(node(ros, **values), Outer)
    for word in ['/configured', *words]:
        assert word in str(refusal.value)


def test_prefix_and_what_every_node_has(ros):
    me = node(ros, use_sim_time=True, left__count=1, count=2)
    assert declare(me, Outer, 'left').count == 1
    assert declare(me, Outer).count == 2


def test_read_only(ros):
    me = node(ros)
    declare(me, Outer)
    assert not me.set_parameters([Parameter('count', value=5)])[0].successful


def test_a_type_that_no_parameter_holds_is_refused(ros):
    class Odd(Config):
        table: dict[str, int] = setting({}, 'a table')

    with pytest.raises(InvalidInput, match='table'):
        declare(node(ros), Odd)
