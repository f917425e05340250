"""Why the program does not work with a database."""

from dataclasses import dataclass

from store.rules.errors import DeskError


@dataclass(eq=False)
class DatabaseOlder(DeskError):
    """The database has not been brought up to this program's version.

    `found` is the database's version, absent for one that was never set up; `needed` is this program's.
    """

    found: str | None
    needed: str

    def __str__(self) -> str:
        is_at = f"is at version {self.found}" if self.found else "has not been set up yet"
        return (
            f"The database {is_at}, and this program needs version {self.needed}. "
            "Make a backup if it holds anything, then run: license-desk migrate"
        )


@dataclass(eq=False)
class DatabaseNewer(DeskError):
    """The database was made by a newer program; `known` is the newest version that this one knows."""

    found: str
    known: str

    def __str__(self) -> str:
        return (
            f"The database is at version {self.found}, which is newer than this program, which knows "
            f"versions up to {self.known}. Nothing was changed. "
            "Update License Desk, or restore the backup made before."
        )
