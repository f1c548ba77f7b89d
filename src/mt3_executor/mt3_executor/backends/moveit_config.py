"""Settings of the MoveIt backend."""

from mt3_common.config import Config, setting

__all__ = ['MoveItConfig']


class MoveItConfig(Config):
    """How MoveIt is started and asked."""

    node_name: str = setting('mt3_moveit', 'name of its node: the head of its parameter file must be the same')
    params_file: str = setting(
        '', 'YAML with what `MoveItConfigsBuilder(...).to_dict()` gives, planning pipelines included (docs/moveit.md)'
    )
    pipeline: str = setting('ompl', 'planning pipeline')
    planner: str = setting('', 'planner of that pipeline; empty: its default')
    planning_time_s: float = setting(1.0, 'for one approach', 's', ge=0.05, le=60.0)
    attempts: int = setting(1, 'of the planner, the best is taken', '', ge=1, le=100)
