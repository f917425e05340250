"""Statements that run with almost every answer, or for very many rows, put into the database's words once."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self, cast

from sqlalchemy import Connection, Dialect, Table, insert

from store.database import AnySelect

_Read = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A select in SQLite's words: its parameters in their order, and how the values of a row are read."""

    words: str
    parameters: tuple[tuple[str, Any], ...]
    reads: tuple[tuple[int, _Read], ...]

    @classmethod
    def of(cls, query: AnySelect, dialect: Dialect) -> Self:
        compiled = query.compile(dialect=dialect)
        order = cast("list[str]", compiled.positiontup)
        reads = [
            each.type.dialect_impl(dialect).result_processor(dialect, None) for each in query.selected_columns
        ]
        return cls(
            str(compiled),
            tuple((name, compiled.params[name]) for name in order),
            tuple((place, read) for place, read in enumerate(reads) if read),
        )

    def row(self, driver: sqlite3.Connection, values: dict[str, Any]) -> tuple[Any, ...] | None:
        given = [values.get(name, usual) for name, usual in self.parameters]
        found = driver.execute(self.words, given).fetchone()
        if found is None:
            return None
        row = list(found)
        for place, read in self.reads:
            row[place] = read(row[place])
        return tuple(row)


class Prepared:
    """A select of one row that runs often.

    To find a statement among those that it has compiled, and to wrap values and rows, takes SQLAlchemy longer than
    SQLite takes to find a row by index; under load it was a fifth of an answer. So on SQLite the driver is given the
    statement as it was compiled the first time. Values are numbers and texts.
    """

    def __init__(self, query: AnySelect) -> None:
        self.query: Final = query
        self._compiled: _Compiled | None = None

    def row(self, connection: Connection, **values: int | str) -> tuple[Any, ...] | None:
        """The row that the select finds with these values; None where there is none."""
        if connection.dialect.name != "sqlite":
            found = connection.execute(self.query, values).one_or_none()
            return None if found is None else tuple(found)
        driver = cast("sqlite3.Connection", connection.connection.driver_connection)
        return self._in_words_of(connection.dialect).row(driver, values)

    def only(self, connection: Connection, **values: int | str) -> Any:
        """The first value of the row that such a select always finds."""
        row = self.row(connection, **values)
        if row is None:
            raise LookupError("the select is no aggregate: it found no row")
        return row[0]

    def _in_words_of(self, sqlite: Dialect) -> _Compiled:
        if self._compiled is None:
            self._compiled = _Compiled.of(self.query, sqlite)
        return self._compiled


class PreparedInsert:
    """An insert of many rows at once, each with every column of the table but its id.

    SQLAlchemy looks at every value of every row anew, which takes as long as to sign a license. So on SQLite the driver
    is given the values in the order of the columns, written as the types of the columns write them.
    """

    def __init__(self, table: Table) -> None:
        self._table: Final = table
        self._compiled: tuple[str, tuple[tuple[str, _Read | None], ...]] | None = None

    def run(self, connection: Connection, rows: Sequence[Mapping[str, object]]) -> None:
        """Insert rows, at least one, in their order."""
        if connection.dialect.name != "sqlite":
            connection.execute(insert(self._table), [dict(each) for each in rows])
            return
        words, writes = self._in_words_of(connection.dialect)
        given = [tuple([write(row[name]) if write else row[name] for name, write in writes]) for row in rows]
        connection.exec_driver_sql(words, given)

    def _in_words_of(self, sqlite: Dialect) -> tuple[str, tuple[tuple[str, _Read | None], ...]]:
        if self._compiled is None:
            names = [each.name for each in self._table.c if not each.primary_key]
            compiled = insert(self._table).compile(dialect=sqlite, column_keys=names)
            order = cast("list[str]", compiled.positiontup)
            types = [self._table.c[name].type.dialect_impl(sqlite) for name in order]
            writes = [each.bind_processor(sqlite) for each in types]
            self._compiled = str(compiled), tuple(zip(order, writes, strict=True))
        return self._compiled
