"""What can be said of a file without the database: what stands in it twice, and who is named but unknown."""

from collections.abc import Iterable

from store.importing.content import Document, InfrastructureEntry, Place, Reference
from store.importing.reading import Problems


class FileCheck:
    """Remembers what the documents said so far, so that repetitions across them are found."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._seen: dict[tuple[str, str], int] = {}
        self._people: set[str] = set()
        self._named: dict[str, Reference] = {}
        self._products: dict[str, Place] = {}

    def document(self, document: Document) -> None:
        """Check one document against itself and those before it."""
        kind = "company" if document.company else "desk"
        self._once(kind, document.company or "the desk", document.place)
        for product in document.products:
            self._once("product", product.name, product.place)
        self._check_people(document)
        for infrastructure in document.infrastructures or ():
            self._check_infrastructure(document, infrastructure)
        for entry in document.roles:
            self._note(entry.holders)

    def unknown_people(self) -> list[Reference]:
        """Everybody who holds a role by the file and is not among its people."""
        return [reference for text, reference in self._named.items() if text not in self._people]

    def unknown_products(self) -> dict[str, Place]:
        """Every product that an infrastructure has and that is not among the products of the file."""
        return {name: place for name, place in self._products.items() if ("product", name) not in self._seen}

    def _check_people(self, document: Document) -> None:
        for person in document.people:
            for kind, text in (
                ("Slack id", person.slack_id or person.seen_as),
                ("e-mail address", person.email),
            ):
                if text:
                    self._once(kind, text, person.place)
                    self._people.add(text)

    def _check_infrastructure(self, document: Document, infrastructure: InfrastructureEntry) -> None:
        place = infrastructure.place
        if infrastructure.activation_code:
            self._once("activation code", infrastructure.activation_code, place)
        self._once(f"infrastructure of {document.company}", infrastructure.name, place)
        if infrastructure.product:
            self._products.setdefault(infrastructure.product, place)
        seen: set[str] = set()
        for entry in (infrastructure.slots or {}).values():
            for name in seen & set(entry.names):
                self._problems.add(entry.place.line, entry.place.field, f'the slot "{name}" is there twice')
            seen.update(entry.names)
        for role in infrastructure.roles:
            self._note(role.holders)

    def _once(self, kind: str, name: str, place: Place) -> None:
        first = self._seen.get((kind, name))
        self._seen[kind, name] = first or place.line
        if first:
            self._problems.add(
                place.line, place.field, f"{kind} {name} is there twice, first in line {first}"
            )

    def _note(self, references: Iterable[Reference]) -> None:
        for reference in references:
            self._named.setdefault(reference.text, reference)
