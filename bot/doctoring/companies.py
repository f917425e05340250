"""The companies: whether somebody is left when their admin leaves."""

from collections.abc import Iterator

from bot.doctoring.examined import Examined
from bot.doctoring.finding import Finding, ok, or_ok, warning
from store import checkup
from store.checkup import FewAdmins

SUBJECT = "Companies"


def check(examined: Examined) -> Iterator[Finding]:
    """Name the companies with a single active admin, or none."""
    with examined.database.read() as connection:
        few = checkup.companies_with_few_admins(connection)
    yield from or_ok(map(_finding, few), ok(SUBJECT, "each has two active admins at least."))


def _finding(few: FewAdmins) -> Finding:
    says = "a single active admin" if few.admins else "no active admin"
    return warning(
        SUBJECT, f"{few.company} has {says}.", "Name another one in the import file, and import it."
    )
