"""What can be in the way of making a revocation list."""

from store.rules.errors import DeskError


class ListsOvertaken(DeskError):
    """Others made one revocation list after the other meanwhile; try again."""
