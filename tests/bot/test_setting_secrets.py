"""Master keys from a command of a secrets manager: asked once, and never shown, whatever goes wrong."""

import sys
from pathlib import Path

import pytest

from bot.settings import SettingsRefused, load_settings
from store.vault import generate_key

NAME = "LICENSE_DESK_MASTER_KEYS_COMMAND"


def manager(folder: Path, *lines: str) -> str:
    """A command that does these lines of Python and notes that it was run."""
    script = folder / "secrets manager.py"
    noting = f"open({str(folder / 'runs')!r}, 'a').write('x')"
    script.write_text("\n".join(("import sys", noting, *lines)), encoding="utf-8")
    return f"{sys.executable} '{script}'"


def refused(command: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(NAME, command)
    with pytest.raises(SettingsRefused) as caught:
        load_settings(None).read_master_keys()
    return str(caught.value)


def test_a_command_prints_the_keys_and_is_asked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    newest, older = generate_key(), generate_key()
    monkeypatch.setenv(NAME, manager(tmp_path, f"print('{newest}')", f"print('{older}')"))
    settings = load_settings(None)
    assert settings.read_master_keys() == (newest, older)
    assert settings.read_master_keys() == (newest, older)
    assert (tmp_path / "runs").read_text() == "x"


def test_words_of_a_command_are_no_shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = generate_key()
    command = manager(tmp_path, f"print('{key}') if sys.argv[1:] == ['$HOME;', '`id`'] else print(sys.argv)")
    monkeypatch.setenv(NAME, f"{command} $HOME; '`id`'")
    assert load_settings(None).read_master_keys() == (key,)


def test_a_command_that_fails_is_named_and_nothing_that_it_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = generate_key()
    command = manager(tmp_path, f"print('{key}')", f"print('{key}', file=sys.stderr)", "sys.exit(3)")
    said = refused(command, monkeypatch)
    assert f"The command of {NAME} ended with status 3. Run it by hand as the user of License Desk." in said
    assert key not in said


@pytest.mark.parametrize("command", ["/nowhere/at/all", "'not closed"])
def test_a_command_that_is_none_is_named(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert f"The command of {NAME} cannot be run" in refused(command, monkeypatch)


def test_a_command_that_prints_nothing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert f"The command of {NAME} printed nothing" in refused(manager(tmp_path), monkeypatch)


def test_what_is_printed_and_is_no_key_is_refused_without_being_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = refused(manager(tmp_path, "print('hunter2')"), monkeypatch)
    assert f"{NAME}: key 1 is not a master key." in said
    assert "hunter2" not in said


def test_keys_come_from_one_place_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LICENSE_DESK_MASTER_KEYS", generate_key())
    said = refused(manager(tmp_path, f"print('{generate_key()}')"), monkeypatch)
    assert f"Set only one of LICENSE_DESK_MASTER_KEYS and {NAME}." in said
    assert not (tmp_path / "runs").exists()
