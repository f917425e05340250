"""The README, the example settings and the links are held against the program itself."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from jwt import InvalidSignatureError

from bot.cli import app
from bot.scopes import SCOPES
from bot.settings import Settings, variable
from handlers.commands import SUBCOMMANDS
from store import key_formats, keys, license_file
from store.database import Database
from store.desk import Actor, Desk
from store.importing import Options, check, load
from store.rules.claims import LicenseFacts, claims
from store.rules.environments import EnvironmentType
from store.tables import infrastructures, slots

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
WITHOUT_CODE = re.sub(r"```.*?```", "", README, flags=re.DOTALL)
EXAMPLE_SETTINGS = (ROOT / ".env.example").read_text(encoding="utf-8")
PAGES = ("README.md", "CHANGELOG.md", "SECURITY.md")
VARIABLES = {variable(name) for name in Settings.model_fields}
SERIAL = "7QK-4ZP-M2X-9HB-T5R-C8W-E0N-001"


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """What the README shows is the same on both databases."""
    return sqlite_database


def blocks(language: str) -> list[str]:
    """The code blocks of the README in a language, without their indentation."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^\1```$", README, re.DOTALL | re.MULTILINE)
    return [re.sub(f"^{indent}", "", text, flags=re.MULTILINE) for indent, text in found]


def table(heading: str) -> dict[str, list[str]]:
    """The rows of the first table under a heading: the first cell's first code, and the other cells."""
    part = WITHOUT_CODE.partition(f"# {heading}\n")[2]
    lines = re.search(r"(?:^\|.*\n)+", part, re.MULTILINE)
    assert lines, heading
    rows = [line.strip("|").split(" | ") for line in lines[0].splitlines()[2:]]
    return {code(row[0]): [cell.strip() for cell in row[1:]] for row in rows}


def code(cell: str) -> str:
    found = re.search(r"`([^`]+)`", cell)
    assert found, cell
    return found[1]


def commands(group: Any, before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command of the program with the words that call it."""
    for name, command in group.commands.items():
        words = (*before, name)
        if hasattr(command, "commands"):
            yield from commands(command, words)
        else:
            yield words, command


COMMANDS = dict(commands(typer.main.get_command(app)))


def called(line: str) -> tuple[Any, list[str]]:
    """The command that a line of the README calls, and the words after it."""
    words = shlex.split(line, comments=True)[1:]
    for number in (2, 1):
        if tuple(words[:number]) in COMMANDS:
            return COMMANDS[tuple(words[:number])], words[number:]
    raise AssertionError(f"there is no such command: {line}")


def test_every_setting_is_in_the_table_and_no_other_name_anywhere() -> None:
    assert set(table("Settings")) == VARIABLES
    assert set(re.findall(r"LICENSE_DESK_[A-Z_]+", README)) == VARIABLES


@pytest.mark.parametrize("name", Settings.model_fields)
def test_the_table_tells_the_default_of_a_setting(name: str) -> None:
    told = table("Settings")[variable(name)][0].strip("`")
    default = Settings.model_fields[name].default
    plain = default.get_secret_value() if hasattr(default, "get_secret_value") else default
    if isinstance(plain, timedelta):
        given: dict[str, Any] = {name: told}
        assert Settings(_env_file=None, **given) == Settings(_env_file=None)
    elif plain in ("", None):
        assert told == "none" or told.startswith("needed")
    else:
        assert told == str(plain)


def test_the_example_settings_name_every_setting_and_no_other() -> None:
    named = re.findall(r"^#?(LICENSE_DESK_[A-Z_]+)=", EXAMPLE_SETTINGS, re.MULTILINE)
    assert sorted(named) == sorted(VARIABLES)


def test_the_example_settings_leave_open_what_the_readme_says() -> None:
    open_lines = re.findall(r"^(LICENSE_DESK_[A-Z_]+)=$", EXAMPLE_SETTINGS, re.MULTILINE)
    assert len(open_lines) == 5
    assert "the five lines that are not commented out" in " ".join(README.split())


def test_every_command_is_in_the_table_and_no_other() -> None:
    told = {tuple(word for word in line.split()[1:] if word.islower()) for line in table("Commands")}
    assert told == set(COMMANDS)


def test_every_option_of_a_command_is_in_the_readme() -> None:
    for words, command in COMMANDS.items():
        for parameter in command.params:
            for option in parameter.opts:
                if option.startswith("--") and option not in {"--help", "--state", "--limit", "--audience"}:
                    assert option in README, f"{words} {option}"


@pytest.mark.parametrize(
    "line",
    [line for text in blocks("sh") for line in text.splitlines() if line.startswith("license-desk")],
)
def test_a_command_line_of_the_readme_is_one_that_the_program_takes(line: str) -> None:
    command, rest = called(line)
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in rest if word.startswith("-")} <= known


@pytest.mark.parametrize("line", re.findall(r"`(license-desk [^`]+)`", README))
def test_a_command_within_a_sentence_is_one_that_the_program_has(line: str) -> None:
    command, rest = called(line)
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in rest if word.startswith("-")} <= known


def test_the_make_targets_of_the_readme_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    told = set(re.findall(r"(?:^|`)make ([a-z]+)", README, re.MULTILINE))
    assert {"demo", "test", "check"} <= told <= targets


def test_every_subcommand_is_in_the_table_with_its_usage() -> None:
    told = set(table("What people see"))
    assert told == {f"{each.name} {each.usage}".strip() for each in SUBCOMMANDS}


def test_every_scope_is_in_the_table_with_what_it_is_for() -> None:
    told = {name: cells[0] for name, cells in table("Scopes of the Slack app").items()}
    assert told == {scope.name: scope.used_for for scope in SCOPES}


@pytest.mark.parametrize("page", PAGES)
def test_every_link_inside_leads_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    anchors = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in headings(text)}
    for target in targets:
        if target.startswith("#"):
            assert target[1:] in anchors, target
        elif not target.startswith("https://"):
            assert (ROOT / target).exists(), target


def headings(text: str) -> list[str]:
    return re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE)


@pytest.mark.parametrize(
    "place", sorted(set(re.findall(r"`((?:bot|handlers|store|tests)/[^`\s]*)`", README)))
)
def test_every_place_in_the_code_exists(place: str) -> None:
    assert (ROOT / place).exists()


def plain(drawn: str) -> str:
    """A drawing as one line, without its frame, and with every moment, year and size the same."""
    flat = " ".join(line.strip("| ") for line in drawn.splitlines())
    flat = re.sub(r"\d+ \w+ \d{4}, \d\d:\d\d|\w+, \d+ \w+ \d{4}", "DATE", flat)
    return re.sub(r"\d+ bytes", "SIZE", " ".join(flat.split()))


def test_what_people_see_in_the_readme_is_what_the_demo_shows(tmp_path: Path) -> None:
    line = [sys.executable, "-m", "bot.cli", "demo", "--once"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    played = subprocess.run(
        line, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=90, check=False
    )
    shown = plain(played.stdout)
    seen = [line for block in blocks("text") if block.startswith("|") for line in block.splitlines()]
    assert len(seen) > 20
    for each in seen:
        assert plain(each) in shown, each


def test_the_example_of_an_import_file_is_one_that_the_import_takes(desk: Desk, tmp_path: Path) -> None:
    [example] = blocks("yaml")
    file = tmp_path / "company.yml"
    file.write_text(example, encoding="utf-8")
    check(desk, file, Options())
    load(desk, Actor(None, "import"), file, Options())
    with desk.database.read() as connection:
        assert connection.execute(infrastructures.select()).one().name == "Acme Core"
        assert len(connection.execute(slots.select()).all()) == 5


def facts(now: datetime) -> LicenseFacts:
    return LicenseFacts(
        issuer="Meridian",
        audience="meridian-platform",
        slot_id=17,
        jti="0f3c1d7e-7a51-4f6a-9d0e-5f1f4f1c2b3a",
        issued_at=now,
        not_before=now - timedelta(days=100),
        expires_at=now + timedelta(days=114),
        license_end=now + timedelta(days=100),
        serial=SERIAL,
        environment_type=EnvironmentType.PRODUCTION,
        environment_name="Prod 1",
        activation_code="AC1.K7Q.2MX.9PL.4RT.8WZ.3VB.6NC",
        company="Acme Logistics",
        infrastructure="Acme Core",
        edition="Enterprise",
        features=("high_availability",),
        limits={"users": 500},
        declared="11.17.0",
        highest="11",
        seq=1,
    )


@pytest.fixture
def in_product(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The README's function, with a license file `a.lic` and the public keys `jwks.json` beside it."""
    now = datetime.now(UTC)
    with desk.database.write() as connection:
        keys.init(connection, desk.vault, now)
        text = license_file.sign(claims(facts(now)), desk.keys.active(connection))
        published = key_formats.jwks(keys.verifying_keys(connection).values())
    (tmp_path / "a.lic").write_text(text, encoding="utf-8")
    (tmp_path / "jwks.json").write_text(json.dumps(published), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    space: dict[str, Any] = {}
    [source] = blocks("python")
    exec(source, space)  # noqa: S102 # It is our own README's code that is on trial.
    return space["read_license"]


def test_the_readme_s_verifier_reads_a_license_file(in_product: Any) -> None:
    assert in_product("a.lic", SERIAL)["edition"] == "Enterprise"


def test_the_readme_s_verifier_refuses_another_environment(in_product: Any) -> None:
    with pytest.raises(ValueError, match="of this environment"):
        in_product("a.lic", SERIAL.replace("001", "002"))


def test_the_readme_s_verifier_refuses_a_file_that_was_changed(in_product: Any) -> None:
    head, body, signature = Path("a.lic").read_text(encoding="utf-8").split(".")
    Path("a.lic").write_text(f"{head}.{body[:-8]}{body[-8:][::-1]}.{signature}", encoding="utf-8")
    with pytest.raises(InvalidSignatureError):
        in_product("a.lic", SERIAL)
