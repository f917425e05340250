"""How the tests of the import write files and run them."""

from pathlib import Path

from sqlalchemy import Row, Table, select

from store.desk import Actor, Desk
from store.exporting import export
from store.importing import Options, Plan, load
from store.rules.import_errors import FileRefused

EXAMPLE = Path(__file__).parents[2] / "bot" / "example.yml"
BY_IMPORT = Actor(None, "import")

DESK = """\
workspace: T0ACME
products:
  - {name: Meridian, audience: meridian, console_name: Console, menu_path: Menu, upload_path: Upload}
"""
COMPANY = """\
company: Acme
account_manager: {name: Jo Park, email: jo@meridian.example}
"""
PEOPLE = """\
people:
  - {name: Ana Silva, slack_id: U0ANA}
  - {name: Rui Costa, email: rui@acme.example}
"""
CORE = """\
infrastructures:
  - name: Core
    product: Meridian
    activation_code: AC1.K7Q.2MX.9PL.4RT.8WZ.3VB.6NC
"""
TERM = """\
    subscription: {edition: Enterprise, starts: 2026-01-01, ends: 2026-12-31, highest_version: 11}
"""


class Imports:
    """Imports texts into one desk."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.desk = desk
        self._file = folder / "acme.yml"

    def written(self, *documents: str) -> Path:
        """A file of these documents."""
        self._file.write_text(
            "---\n".join(f"{document.rstrip()}\n" for document in documents), encoding="utf-8"
        )
        return self._file

    def __call__(self, *documents: str, own_roles: bool = False, prune: bool = False) -> Plan:
        """Import these documents."""
        return load(self.desk, BY_IMPORT, self.written(*documents), Options(own_roles, prune))

    def problems(self, *documents: str, prune: bool = False) -> list[str]:
        """The lines that refuse these documents; nothing of them was written."""
        before = self.exported()
        try:
            self(*documents, prune=prune)
        except FileRefused as refused:
            assert self.exported() == before
            return [line.removeprefix("acme.yml, line ") for line in str(refused).splitlines()[1:]]
        return []

    def exported(self) -> str:
        """What an export writes."""
        return "".join(export(self.desk.database))

    def rows(self, table: Table) -> list[Row[tuple[object, ...]]]:
        """Every row of a table."""
        with self.desk.database.read() as connection:
            return list(connection.execute(select(table).order_by(table.c.id)))
