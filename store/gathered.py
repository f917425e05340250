"""Rows gathered by the database into one JSON value, in the words of either database."""

from typing import Any

from sqlalchemy import JSON, ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class gathered(FunctionElement[list[list[Any]]]):  # noqa: N801 # It is used like SQL's own functions, such as `count`.
    """An aggregate: the given columns of every row, as a list of lists; a list of none where there is no row.

    With SQLite each row that is fetched is one more moment in which the thread lets go of the interpreter and has
    to wait for its turn again, which under load takes longer than the query.
    """

    inherit_cache = True
    type = JSON()

    def __init__(self, *columns: ColumnElement[Any]) -> None:
        super().__init__(*columns)


@compiles(gathered, "sqlite")
def _sqlite(element: gathered, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_group_array(json_array({compiler.process(element.clauses, **options)}))"


@compiles(gathered, "postgresql")
def _postgresql(element: gathered, compiler: SQLCompiler, **options: Any) -> str:
    row = f"json_build_array({compiler.process(element.clauses, **options)})"
    return f"coalesce(json_agg({row}), '[]')"
