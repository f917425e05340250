"""An import from beginning to end: the file is read twice, once to check everything and once to write."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from sqlalchemy import Connection, select

from store.desk import Actor, Desk
from store.importing import comparing
from store.importing.changes import Change, Options, Plan
from store.importing.checking import FileCheck
from store.importing.content import Document
from store.importing.context import Context
from store.importing.parsing import document as parse
from store.importing.reading import Problems, documents
from store.importing.state import State, add_people, only_workspace, read
from store.importing.writing import Writer
from store.rules.import_errors import ChangedMeanwhile, FileRefused
from store.tables import products

Progress = Callable[[int], None]
"""Is told how many bytes were read; both readings together come to twice the size of the file."""

# Documents that are compared together, by the rows they are worth: few queries, little memory.
_TOGETHER = 20_000


def check(desk: Desk, path: Path, options: Options, progress: Progress = lambda _: None) -> Plan:
    """Say what an import would do, and write nothing. Raises `FileUnreadable` and `FileRefused`."""
    problems, plan = Problems(), Plan()
    reading = _Reading(desk, options, problems, plan)
    file_check = FileCheck(problems)
    for changes in reading.changes(_each(path, problems, progress, file_check.document)):
        for change in changes:
            plan.note(change)
    with desk.database.read() as connection:
        _check_names(connection, reading, file_check, problems)
    if problems.found:
        raise FileRefused(path.name, tuple(sorted(problems.found, key=lambda problem: problem.line)))
    return plan


def load(desk: Desk, actor: Actor, path: Path, options: Options, progress: Progress = lambda _: None) -> Plan:
    """Check the file, then write what is different.

    Raises `FileUnreadable` and `FileRefused` before anything is written, `ChangedMeanwhile` when somebody
    else changed the same rows after that.
    """
    plan = check(desk, path, options, progress)
    size = path.stat().st_size
    problems = Problems()
    reading = _Reading(desk, options, problems, Plan())
    writer = Writer(desk, actor, path.name)
    for changes in reading.changes(_each(path, problems, lambda done: progress(size + done))):
        if problems.found:
            raise ChangedMeanwhile(path.name)
        writer.write(changes)
    writer.finish(reading.workspace)
    return plan


class _Reading:
    """Compares documents with the database, many at a time."""

    def __init__(self, desk: Desk, options: Options, problems: Problems, plan: Plan) -> None:
        self._desk = desk
        self._options = options
        self._problems = problems
        self._plan = plan
        with desk.database.read() as connection:
            self.workspace = only_workspace(connection)

    def changes(self, found: Iterable[Document]) -> Iterator[list[Change]]:
        """Yield the changes of a few documents at a time, in their order."""
        together: list[Document] = []
        for document in found:
            if together and (document.workspace or sum(each.size for each in together) > _TOGETHER):
                yield self._compare(together)
                together = []
            self.workspace = document.workspace or self.workspace
            together.append(document)
        if together:
            yield self._compare(together)

    def _compare(self, together: list[Document]) -> list[Change]:
        with self._desk.database.read() as connection:
            state = read(connection, together, self.workspace)
        context = Context(
            state, self._options, self._problems, self._plan, self.workspace, self._desk.clock()
        )
        for document in together:
            comparing.document(context, document)
        return context.changes


def _each(
    path: Path, problems: Problems, progress: Progress, seen: Callable[[Document], None] = lambda _: None
) -> Iterator[Document]:
    for section in documents(path, problems, progress):
        document = parse(section)
        seen(document)
        yield document


def _check_names(
    connection: Connection, reading: _Reading, file_check: FileCheck, problems: Problems
) -> None:
    state = State()
    unknown = file_check.unknown_people()
    add_people(connection, state, [reference.text for reference in unknown], reading.workspace)
    for reference in unknown:
        if state.person(reference.text) is None:
            words = f"{reference.text} is neither among the people of this file nor known to the desk"
            problems.add(reference.place.line, reference.place.field, words)
    known = set(connection.execute(select(products.c.name)).scalars())
    for name, place in file_check.unknown_products().items():
        if name not in known:
            words = f'the product "{name}" is neither in this file nor known to the desk'
            problems.add(place.line, place.field, words)
