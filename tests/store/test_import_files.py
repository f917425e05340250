"""What a file may say, and what is said about one that is wrong."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.database import Database
from store.desk import Desk
from store.importing import Options, check
from store.rules.import_errors import FileRefused, FileUnreadable
from tests.store.importing import COMPANY, CORE, DESK, PEOPLE, TERM, Imports


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """SQLite alone: what a file says does not depend on the database."""
    return sqlite_database


@pytest.fixture
def imports(desk: Desk, tmp_path: Path) -> Imports:
    return Imports(desk, tmp_path)


def core(more: str) -> str:
    return f"{COMPANY}{CORE}{more}"


@pytest.mark.parametrize(
    ("document", "line", "words"),
    [
        (COMPANY + "admin: [U0ANA]", 3, "admin: this field is not known; did you mean admins?"),
        (COMPANY + "colour: red", 3, "colour: this field is not known; known are account_manager, admins"),
        (core("    hosting: cloudy"), 7, 'hosting: "cloudy" cannot be used; choose one of on_premises, cloud'),
        (core("    flagged: perhaps"), 7, 'flagged: "perhaps" is neither true nor false'),
        (core("    name: Again"), 7, "name: this field is there twice"),
        (core("    approval_channel: '#licenses'"), 7, "is not the id of a channel, such as C0LICENSES"),
        (core("    slots: {production: many}"), 7, 'slots.production: "many" is not a whole number from 0 to'),
        (core("    slots: {prod: 2}"), 7, "slots.prod: this field is not known; did you mean production?"),
        (core("    slots: {production: [A, A]}"), 7, 'slots.production[2]: "A" is there twice'),
        (core("    slots: {production: [A], management: [A]}"), 7, 'slots.management: the slot "A" is there twice'),
        (core("    roles: {technical_contact: [U0ANA, U0BEN]}"), 7, "there is one of them at most; write one person"),
        (core("    roles: {members: [Ana]}"), 7, '"Ana" is not the Slack id of a person, such as U0ANA'),
        (core("    roles: {members: [U0NOBODY]}"), 7, "U0NOBODY is neither among the people of this file nor known"),
        (core(TERM.replace("2026-12-31", "2026-13-31")), 7, '"2026-13-31" is not a day; write it as 2026-12-31'),
        (core(TERM.replace("2026-12-31", "2025-12-31")), 7, "would end before it starts, on 2026-01-01"),
        (core(TERM.replace("11}", "Oct.2019}")), 7, '"Oct.2019" cannot be used. The highest entitled'),
        (core(TERM.replace("edition: Enterprise, ", "")), 7, "subscription.edition: this field is needed"),
        (core("    hosting: cloud\n    slots: {production: 1}"), 4, "a cloud infrastructure has no slots"),
        (core("").replace("Meridian", "Meridan"), 4, 'the product "Meridan" is neither in this file nor known'),
        (core("").replace("AC1.K7Q", "AC1.K7"), 6, "activation_code: "),
        (COMPANY + "people: [{name: Ana, zone: Europe/Lissabon, slack_id: U0ANA}]", 3, "did you mean Europe/Lisbon?"),
        (COMPANY + "people: [{name: Ana}]", 3, "slack_id or email is needed, so that the person can be recognized"),
        (COMPANY + "people: [{name: Ana, email: ana}]", 3, 'email: "ana" is not an e-mail address'),
        (COMPANY + 'people: [{name: "A\\nB", slack_id: U0ANA}]', 3, "line breaks and control characters"),
        (COMPANY + "people: Ana", 3, "people: a list is needed here"),
        (COMPANY + "people: [Ana]", 3, 'people[1]: fields are needed here, such as "name: …"'),
        ("company: Acme", 1, "company: this company is new, so it needs account_manager.name, account_manager.email"),
        ("- a list", 1, 'document: fields are needed here, such as "name: …"'),
        ("company: [", 2, "file: this is not YAML"),
    ],
)  # fmt: skip
def test_a_problem_names_its_line_its_field_and_the_way_out(
    imports: Imports, document: str, line: int, words: str
) -> None:
    problems = imports.problems(DESK, document)
    line += len(f"{DESK}---".splitlines())
    assert [each for each in problems if each.startswith(f"{line}, ") and words in each], problems


def test_every_problem_is_listed_and_nothing_is_written(imports: Imports) -> None:
    problems = imports.problems(DESK + "colour: red", COMPANY + "admins: [U0NOBODY]\npeople: [{}]")
    assert [each.split(",")[0] for each in problems] == ["4", "8", "9", "9"]


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (COMPANY, COMPANY, "company Acme is there twice, first in line"),
        (
            COMPANY + CORE,
            COMPANY.replace("Acme", "Globex") + CORE.replace("Core", "Other"),
            "activation code AC1.K7Q.2MX.9PL.4RT.8WZ.3VB.6NC is there twice",
        ),
        (
            COMPANY + PEOPLE,
            COMPANY.replace("Acme", "Globex") + "people: [{name: R., email: RUI@acme.example}]",
            "e-mail address rui@acme.example is there twice",
        ),
        (
            COMPANY + PEOPLE,
            COMPANY.replace("Acme", "Globex") + "people: [{name: A., slack_id: U0ANA}]",
            "Slack id U0ANA is there twice",
        ),
    ],
)
def test_what_stands_in_two_documents_is_found(imports: Imports, first: str, second: str, words: str) -> None:
    (problem,) = imports.problems(DESK, first, second)
    assert words in problem


def test_a_version_is_taken_as_it_is_written(imports: Imports) -> None:
    imports(DESK, core(TERM.replace("11}", "11.10}")))
    assert "highest_version: '11.10'" in imports.exported()


def test_without_a_workspace_the_file_says_where_to_find_it(imports: Imports) -> None:
    (problem,) = imports.problems(
        DESK.replace("workspace: T0ACME", ""), COMPANY + "people: [{name: A, slack_id: U0ANA}]"
    )
    assert (
        "which Slack workspace is this? Write it once in the first document, such as workspace: T0ACME"
        in problem
    )


def test_a_file_that_is_not_there_is_said(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable, match=r"^gone\.yml cannot be read: No such file or directory$"):
        check(desk, tmp_path / "gone.yml", Options())


WORDS = st.sampled_from(
    [
        "company",
        "people",
        "name",
        "slots",
        "production",
        "U0ANA",
        "&a",
        "*a",
        "|",
        "'",
        "2026-01-01",
        "!!set",
        "\x00",
    ]
)
PIECES = st.lists(
    WORDS | st.sampled_from([": ", "\n", "\n  ", "- ", "[", "]", "{", "}", ", ", "---\n"]), max_size=30
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=st.one_of(PIECES.map("".join).map(str.encode), st.binary(max_size=60)))
def test_whatever_the_file_holds_it_is_refused_in_words_or_understood(
    desk: Desk, tmp_path: Path, document: bytes
) -> None:
    file = tmp_path / "any.yml"
    file.write_bytes(document)
    with suppress(FileRefused):
        assert check(desk, file, Options()).changes_nothing
