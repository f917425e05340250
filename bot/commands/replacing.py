"""How far a command is that makes many licenses anew."""

from contextlib import AbstractContextManager

from bot.commands.progress import Told, steps

MANY = 200
"""Re-issues of more files than this show how far they are."""


def replacing(total: int) -> AbstractContextManager[Told]:
    """A bar for many; what is yielded is told how many more were looked at."""
    return steps("Replacing licenses", total, shown=total > MANY)
