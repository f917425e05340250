"""Roles in a document beside the database.

Roles that people set in Slack are only added to, unless the import owns them; the financial contact is
always the operators' to set.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from store.database import AnyRow
from store.importing.changes import Id, Pending
from store.importing.content import Reference, RoleEntry
from store.importing.context import Context
from store.rules.rights import RoleName
from store.tables import roles

_SINGLE = {RoleName.FINANCIAL_CONTACT, RoleName.TECHNICAL_CONTACT}


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a role is held: a company, an infrastructure, or neither (all)."""

    company_id: Id | None
    infrastructure_id: Id | None
    name: str

    def held(self, context: Context, role: RoleName) -> list[AnyRow]:
        """Who holds the role here now."""
        if isinstance(self.company_id, Pending) or isinstance(self.infrastructure_id, Pending):
            return []
        rows = context.state.roles.get((self.company_id, self.infrastructure_id), ())
        return [row for row in rows if row.role == role]


def role(context: Context, entry: RoleEntry, scope: Scope) -> None:
    """Find who has to be given the role, and who has to lose it."""
    held = {row.person_id: row for row in scope.held(context, entry.role)}
    wanted = {_identity(context, reference): reference for reference in entry.holders}
    surplus = [row for person_id, row in held.items() if person_id not in wanted]
    missing = {identity: reference for identity, reference in wanted.items() if identity not in held}
    if entry.role in _SINGLE and missing and surplus:
        _replace(context, entry.role, scope, surplus[0], missing)
        return
    _add(context, entry.role, scope, missing)
    staying = [held[identity].state == "active" if identity in held else True for identity in wanted]
    for row in _removable(context, entry.role, scope, surplus, sum(staying)):
        context.remove(roles, row, _words(entry.role, row.person_name, scope), scope.infrastructure_id)


def remove_all(context: Context, infrastructure: AnyRow) -> None:
    """End every role in an infrastructure that its company's document leaves out."""
    scope = Scope(None, infrastructure.id, infrastructure.name)
    for row in context.state.roles.get((None, infrastructure.id), ()):
        if _owned(context, row):
            context.remove(roles, row, _words(RoleName(row.role), row.person_name, scope), infrastructure.id)


def _identity(context: Context, reference: Reference) -> Id:
    if reference.text in context.identities:
        return context.identities[reference.text]
    row = context.state.person(reference.text)
    return int(row.id) if row is not None else Pending("person", reference.text)


def _add(context: Context, name: RoleName, scope: Scope, missing: dict[Id, Reference]) -> None:
    for identity, reference in missing.items():
        person = context.state.person(reference.text)
        resting = reference.resting or (person is not None and not person.active)
        values: dict[str, object] = {
            "person_id": identity,
            "role": str(name),
            "company_id": scope.company_id,
            "infrastructure_id": scope.infrastructure_id,
            "state": "resting" if resting else "active",
            "held_from": context.now,
        }
        words = _words(name, reference.text, scope)
        context.add(roles, words, values, infrastructure=scope.infrastructure_id)


def _replace(
    context: Context, name: RoleName, scope: Scope, row: AnyRow, missing: dict[Id, Reference]
) -> None:
    if not _owned(context, row):
        context.plan.keep(f"the {_spoken(name)} of {scope.name} is {row.person_name}, set in Slack")
        return
    # One of them at most, so that the old one ends although nothing is pruned.
    words = _words(name, row.person_name, scope)
    context.remove(roles, row, words, scope.infrastructure_id, replaced=True)
    _add(context, name, scope, missing)


def _removable(
    context: Context, name: RoleName, scope: Scope, surplus: list[AnyRow], active: int
) -> Iterator[AnyRow]:
    # A company keeps one active admin, whatever the file says.
    ours = [row for row in surplus if _owned(context, row)]
    active += sum(row.state == "active" for row in surplus if row not in ours)
    for row in ours:
        if name is RoleName.COMPANY_ADMIN and active == 0 and row.state == "active":
            context.plan.keep(f"{row.person_name} stays company admin of {scope.name}, which needs one")
            active += 1
        else:
            yield row


def _owned(context: Context, row: AnyRow) -> bool:
    return row.set_by is None or row.role == RoleName.FINANCIAL_CONTACT or context.options.own_roles


def _words(name: RoleName, person: str, scope: Scope) -> str:
    return f"{_spoken(name)} {person} of {scope.name}"


def _spoken(name: RoleName) -> str:
    return name.replace("_", " ")
