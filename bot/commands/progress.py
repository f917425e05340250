"""How far a command is, on the screen of whoever waits for it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Told = Callable[[int], None]


@contextmanager
def progress(title: str, total: int, *, shown: bool = True) -> Iterator[Told]:
    """Show a bar while the block runs; it is told how much of `total` is done. Nothing stays on the screen."""
    if not shown:
        yield lambda _done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn(title), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=total)
        yield lambda done: bar.update(task, completed=done)


@contextmanager
def steps(title: str, total: int, *, shown: bool = True) -> Iterator[Told]:
    """The same for work that tells how much more is done each time."""
    done = 0
    with progress(title, total, shown=shown) as told:

        def advance(more: int) -> None:
            nonlocal done
            done += more
            told(done)

        yield advance
