"""Whatever a file says, an export says the same, and importing the export changes nothing."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, RowMapping, select

from store.database import Database
from store.desk import Desk
from store.importing import Kind
from store.importing.changes import ORDER
from store.tables import metadata
from tests.store.importing import Imports

TYPES = ("development", "non_production", "production", "management")
CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

texts = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=12).filter(
    str.strip
) | st.sampled_from(["no", "null", "~", "1e3", "2026-01-01", "- a", "a: b", "#c", " x ", "👩‍💻"])
identities = st.sampled_from(["slack_id", "seen_as", "email"])
days = st.sampled_from(["2024-02-29", "2025-01-01", "2025-07-01"])


def numbered(prefix: str, number: int) -> str:
    """A Slack id or another name that is there once."""
    return f"{prefix}{CHARACTERS[number // 36]}{CHARACTERS[number % 36]}"


@st.composite
def subscriptions(draw: st.DrawFn) -> dict[str, Any]:
    found = {
        "edition": draw(texts),
        "features": draw(st.lists(texts, max_size=3, unique=True)),
        "limits": draw(st.dictionaries(texts, st.integers(0, 2**40), max_size=3)),
        "starts": draw(days),
        "ends": draw(st.sampled_from(["perpetual", "2025-12-31", "2026-02-28"])),
        "highest_version": draw(st.sampled_from(["11", "11.10", "11.0.539.0"])),
        "grace_days": draw(st.integers(0, 60)),
        "state": draw(st.sampled_from(["active", "suspended"])),
    }
    if draw(st.booleans()):
        found["unbroken_since"] = "2020-01-01"
    return found


@st.composite
def slots(draw: st.DrawFn) -> dict[str, Any]:
    names = iter(draw(st.lists(texts, min_size=8, max_size=8, unique=True)))
    counted = st.integers(0, 3) | st.integers(1, 2).map(lambda count: [next(names) for _ in range(count)])
    return {each: draw(counted) for each in TYPES if draw(st.booleans())}


@st.composite
def infrastructures(draw: st.DrawFn, number: int, people: list[str]) -> dict[str, Any]:
    code = f"AC{number}.K7Q.2MX.9PL.4RT.8WZ.3VB.6NC"
    found: dict[str, Any] = {"name": f"{draw(texts)}{number}", "product": "M", "activation_code": code}
    found["hosting"] = hosting = draw(st.sampled_from(["on_premises", "cloud"]))
    found |= {"flagged": draw(st.booleans()), "files": draw(st.sampled_from(["signed", "held"]))}
    if draw(st.booleans()):
        found["subscription"] = draw(subscriptions())
    if hosting == "on_premises":
        found["slots"] = draw(slots())
    several = st.lists(st.sampled_from(people), unique=True, max_size=3) if people else st.just([])
    resting = several.map(lambda each: [f"{name} (resting)" for name in each])
    roles: dict[str, Any] = {"members": draw(several), "additional_contacts": draw(several | resting)}
    if people and draw(st.sampled_from([True, False])):
        roles["technical_contact"] = draw(st.sampled_from(people))
    return {**found, "roles": roles}


@st.composite
def companies(draw: st.DrawFn, number: int) -> dict[str, Any]:
    people = []
    for index in range(draw(st.integers(0, 3))):
        of_all = number * 4 + index
        person = {"name": draw(texts), draw(st.sampled_from(["slack_id", "seen_as"])): numbered("U0", of_all)}
        if draw(st.booleans()):
            person["email"] = f"p{of_all}@{number}.example"
        people.append(person)
    names = [each.get("slack_id") or each.get("email") or each["seen_as"] for each in people]
    return {
        "company": f"{draw(texts)}{number}",
        "account_manager": {"name": draw(texts), "email": "jo@meridian.example"},
        "people": people,
        "admins": draw(st.lists(st.sampled_from(names), unique=True)) if names else [],
        "infrastructures": [
            draw(infrastructures(number * 3 + index, names)) for index in range(draw(st.integers(0, 2)))
        ],
    }


@st.composite
def files(draw: st.DrawFn) -> str:
    product = {name: draw(texts) for name in ("audience", "console_name", "menu_path", "upload_path")}
    desk = {"workspace": "T0ACME", "products": [{"name": "M", **product}]}
    documents = [desk, *(draw(companies(number)) for number in range(draw(st.integers(1, 3))))]
    return "---\n".join(yaml.safe_dump(each, allow_unicode=True, sort_keys=False) for each in documents)


def contents(database: Database) -> dict[str, list[str]]:
    """What the tables of an import hold, with names in the place of ids and moments left out."""
    with database.read() as connection:
        rows = {table: connection.execute(select(table)).mappings().all() for table in ORDER}
    called = {(table.name, row["id"]): _name(row) for table, found in rows.items() for row in found}
    return {
        table.name: sorted(
            str(
                {
                    column.name: _value(column, row[column.name], called)
                    for column in table.columns
                    if _counts(column)
                }
            )
            for row in found
        )
        for table, found in rows.items()
    }


def _name(row: RowMapping) -> str:
    return str(row.get("slack_id") or row.get("email") or row.get("name"))


def _counts(column: Column[Any]) -> bool:
    return column.name not in {"id", "held_from"}


def _value(column: Column[Any], value: object, called: Mapping[tuple[str, Any], str]) -> object:
    for key in column.foreign_keys:
        return None if value is None else called[key.column.table.name, value]
    return value


@pytest.fixture
def emptied(database: Database) -> Callable[[], None]:
    """Empties the database before each example."""

    def empty() -> None:
        with database.write() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(table.delete())

    return empty


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(text=files())
def test_importing_an_export_changes_nothing_here_and_makes_the_same_elsewhere(
    desk: Desk, tmp_path: Path, emptied: Callable[[], None], text: str
) -> None:
    imports = Imports(desk, tmp_path)
    emptied()
    imports(text)
    exported, before = imports.exported(), contents(desk.database)
    assert imports(text, own_roles=True, prune=True).counts == {}
    assert imports(exported, own_roles=True, prune=True).counts == {}
    emptied()
    assert {kind for kind, _ in imports(exported).counts} == {Kind.ADDED}
    assert imports.exported() == exported
    assert contents(desk.database) == before
