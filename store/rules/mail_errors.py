"""What can be wrong with a link that somebody got by e-mail."""

from store.rules.errors import DeskError


class LinkUnknown(DeskError):
    """This link was not made by this desk, not all of it was copied, or what it is about is lost."""
