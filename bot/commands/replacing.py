"""How far a command is that makes many licenses anew."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

MANY = 200
"""Re-issues of more files than this show how far they are."""


@contextmanager
def replacing(total: int) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, for many; what is yielded is told how many more were looked at."""
    if total <= MANY:
        yield lambda _done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("Replacing licenses"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=total)
        yield lambda done: bar.advance(task, done)
