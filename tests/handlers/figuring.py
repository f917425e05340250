"""Figures of reports, made up."""

from store.figures import Figures, Row, months_from
from store.reports import Scope
from store.rules.environments import EnvironmentType
from tests.example import START


def some(*rows: Row, scope: str = "Acme") -> Figures:
    """The figures of these rows."""
    return Figures(Scope(scope, 1), START, months_from(START), rows)


def row(
    infrastructure: str, total: int, used: int, *, later: int = 0, ended: int = 0, endless: int = 0
) -> Row:
    """Production environments of an infrastructure."""
    made = Row("Acme Logistics", infrastructure, EnvironmentType.PRODUCTION, total, used)
    made.later, made.ended, made.endless = later, ended, endless
    return made
