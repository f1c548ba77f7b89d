"""The `mt3` command: one verb per file in `verbs`, one clear line on failure, exit code 0 only on success."""

import sys

import typer
from rich.console import Console

from mt3_cli.verbs import bench, library, teach
from mt3_cli.verbs.calibrate import calibrate
from mt3_cli.verbs.demo import demo
from mt3_cli.verbs.doctor import doctor
from mt3_cli.verbs.retrieve import retrieve
from mt3_cli.verbs.run import run
from mt3_cli.verbs.trials import trials
from mt3_cli.verbs.up import up
from mt3_common.errors import MT3Error

__all__ = ['app', 'main']

app = typer.Typer(
    name='mt3',
    help='Teach an arm a task with one demonstration.',
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={'help_option_names': ['-h', '--help']},
)
app.command()(demo)
app.command()(up)
app.command()(run)
app.command()(retrieve)
app.add_typer(teach.app, name='teach')
app.add_typer(library.app, name='library')
app.command()(calibrate)
app.command()(trials)
app.add_typer(bench.app, name='bench')
app.command()(doctor)


def main() -> None:
    """Run one verb; refusals become one line on stderr and exit code 1."""
    try:
        app()
    except MT3Error as error:
        Console(stderr=True).print(f'[red]mt3: {error.code.name}:[/] {error}', highlight=False, soft_wrap=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == '__main__':
    main()
