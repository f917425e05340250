"""What can be wrong with a file that somebody put into a form."""

from dataclasses import dataclass

from store.rules.errors import DeskError


@dataclass(eq=False)
class UploadTooLarge(DeskError):
    """This file is too large for what is asked for; `most` is in bytes."""

    most: int


class UploadUnreadable(DeskError):
    """The file could not be read: it is gone, it is somebody else's, or it did not arrive."""
