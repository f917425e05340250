"""`license-desk backup` and `restore`, as people run them."""

from pathlib import Path

from bot.single import only_one
from tests.cli.conftest import EXAMPLE, Program


def test_a_desk_is_backed_up_and_restored(program: Program, tmp_path: Path) -> None:
    program.does("migrate")
    program.does("keys", "init")
    file = tmp_path / "backup.db"
    assert f"Backed up to {file}: " in program.does("backup", file)
    assert "There is a file at" in program.refuses("backup", file)
    program.does("import", EXAMPLE)
    assert "Acme Core" in program.does("export")

    assert "Add --force" in program.refuses("restore", file)
    assert "Acme Core" in program.does("export")

    said = program.does("restore", file, "--force")
    assert f"Restored {file}: " in said
    [kept] = tmp_path.glob("license-desk.db.before-restore-*")
    assert f"What was there before is kept in {kept.name}." in said
    assert "Acme Core" not in program.does("export")
    assert "The record holds" in program.does("audit", "verify")
    assert "The desk restored a backup" in program.does("audit", "show")
    program.does("backup", file, "--force")


def test_nothing_is_restored_while_the_program_runs(program: Program, tmp_path: Path) -> None:
    program.does("migrate")
    program.does("backup", tmp_path / "backup.db")
    with only_one(f"sqlite:///{tmp_path / 'license-desk.db'}"):
        assert "is already running" in program.refuses("restore", tmp_path / "backup.db", "--force")


def test_a_restore_names_a_file_or_says_that_one_was_restored(program: Program, tmp_path: Path) -> None:
    program.does("migrate")
    assert "Name the file to restore, or say --finish" in program.refuses("restore")
    assert "Name the file to restore" in program.refuses("restore", tmp_path / "backup.db", "--finish")
    said = program.does("restore", "--finish")
    assert "Queued deliveries that are looked for in Slack before they are sent: 0." in said
    assert "No such file" in program.refuses("restore", tmp_path / "nothing.db", "--force")
