"""What is said while something long keeps others from writing."""

from store.rules.errors import DeskError


class DeskBusy(DeskError):
    """Something long is being written, such as an import; nothing was changed, and it may work in a minute."""
