"""A document beside the database: companies, products, infrastructures and their subscriptions."""

from collections.abc import Iterable

from store.database import AnyRow
from store.importing import comparing_people, comparing_roles, comparing_slots
from store.importing.changes import Id, Pending
from store.importing.content import (
    Document,
    InfrastructureEntry,
    Place,
    ProductEntry,
    SubscriptionEntry,
)
from store.importing.context import Context
from store.rules.claims import unbroken_start
from store.rules.terms import Term
from store.rules.versions import parse_version, within
from store.tables import companies, infrastructures, products, subscriptions

_PRODUCT_NEEDS = ("audience", "console_name", "menu_path", "upload_path")
_COMPANY_NEEDS = ("account_manager_name", "account_manager_email")
_INFRASTRUCTURE_NEEDS = {
    "hosting": "on_premises",
    "files": "signed",
    "flagged": False,
    "approval_channel": None,
    "working_hours": None,
}
_SUBSCRIPTION_NEEDS = {"features": [], "limits": {}, "grace_days": 14}


def document(context: Context, document: Document) -> None:
    """Find what is different in one document."""
    context.plan.read(document.company)
    for product in document.products:
        _product(context, product)
    company_id = _company(context, document) if document.company else None
    for person in document.people:
        comparing_people.person(context, person, company_id)
    for entry in document.roles:
        scope = comparing_roles.Scope(company_id, None, document.company or "all companies")
        comparing_roles.role(context, entry, scope)
    if document.infrastructures is not None and company_id is not None:
        _infrastructures(context, document.infrastructures, company_id)


def _product(context: Context, entry: ProductEntry) -> None:
    row = context.state.products.get(entry.name)
    if row:
        context.change(products, row, entry.name, dict(entry.texts))
        return
    _need(context, entry.place, entry.texts, _PRODUCT_NEEDS, "product")
    values = {"name": entry.name, "permitted_use": {}, **entry.texts}
    context.add(products, entry.name, values, Pending("product", entry.name))


def _company(context: Context, document: Document) -> Id:
    name = document.company or ""
    row = context.state.companies.get(name)
    if row:
        context.change(companies, row, name, dict(document.values))
        return int(row.id)
    _need(context, document.place, document.values, _COMPANY_NEEDS, "company")
    context.add(companies, name, {"name": name, **document.values}, Pending("company", name))
    return Pending("company", name)


def _need(context: Context, place: Place, values: Iterable[str], names: Iterable[str], noun: str) -> None:
    missing = [name.replace("account_manager_", "account_manager.") for name in names if name not in values]
    if missing:
        context.problem(place, f"this {noun} is new, so it needs {', '.join(missing)} as well")


def _infrastructures(context: Context, entries: Iterable[InfrastructureEntry], company_id: Id) -> None:
    there = context.state.by_company.get(company_id, {}) if isinstance(company_id, int) else {}
    left = {row.id: row for row in there.values()}
    for entry in entries:
        row = context.state.by_code.get(entry.activation_code) or there.get(entry.name)
        if row is not None:
            left.pop(row.id, None)
        _infrastructure(context, entry, row, company_id, there)
    for row in left.values():
        _left_out(context, row)


def _infrastructure(
    context: Context, entry: InfrastructureEntry, row: AnyRow | None, company_id: Id, there: dict[str, AnyRow]
) -> None:
    if row is not None and row.company_id != company_id:
        words = f"this activation code belongs to {row.name} of {row.company_name}"
        context.problem(entry.place, words)
        return
    namesake = there.get(entry.name)
    if row is not None and namesake is not None and namesake.id != row.id:
        words = f"{entry.name} is the name of another infrastructure, {namesake.activation_code}; rename that first"
        context.problem(entry.place, words)
        return
    infrastructure_id = _write_infrastructure(context, entry, row, company_id)
    _check_hosting(context, entry, row)
    _subscription(context, entry, infrastructure_id)
    comparing_slots.slots_of(context, entry, infrastructure_id)
    for role in entry.roles:
        comparing_roles.role(context, role, comparing_roles.Scope(None, infrastructure_id, entry.name))


def _write_infrastructure(
    context: Context, entry: InfrastructureEntry, row: AnyRow | None, company_id: Id
) -> Id:
    named = {
        "name": entry.name,
        "activation_code": entry.activation_code,
        "product_id": _product_id(context, entry),
    }
    if row is None:
        itself = Pending("infrastructure", entry.activation_code)
        values = {"company_id": company_id, **named, **_INFRASTRUCTURE_NEEDS, **entry.values}
        context.add(infrastructures, entry.name, values, itself, infrastructure=itself)
        return itself
    values = {**named, **entry.values}
    channel = values.get("approval_channel", row.approval_channel)
    if row.approval_channel not in {None, channel} and not context.options.own_roles:
        # The people of a company choose their channel in Slack.
        context.plan.keep(f"the approval channel of {entry.name} is {row.approval_channel}, not {channel}")
        del values["approval_channel"]
    context.change(infrastructures, row, entry.name, values, infrastructure=row.id)
    return int(row.id)


def _product_id(context: Context, entry: InfrastructureEntry) -> Id:
    row = context.state.products.get(entry.product)
    return int(row.id) if row else Pending("product", entry.product)


def _check_hosting(context: Context, entry: InfrastructureEntry, row: AnyRow | None) -> None:
    hosting = entry.values.get("hosting", row.hosting if row else "on_premises")
    if hosting != "cloud":
        return
    if any(slots.count for slots in (entry.slots or {}).values()):
        context.problem(entry.place, "a cloud infrastructure has no slots; leave them out")
    taken = [slot.name for slot in context.state.slots.get(row.id, ()) if slot.serial] if row else []
    if taken:
        words = f"it cannot become a cloud infrastructure while {', '.join(taken)} are registered; release them first"
        context.problem(entry.place, words)


def _subscription(context: Context, entry: InfrastructureEntry, infrastructure_id: Id) -> None:
    if entry.subscription is None:
        return
    row = context.state.subscriptions.get(infrastructure_id) if isinstance(infrastructure_id, int) else None
    _check_version(context, entry, infrastructure_id)
    values = {
        "starts_at": entry.subscription.starts_at,
        "ends_at": entry.subscription.ends_at,
        "unbroken_since": _unbroken(context, entry.subscription, row),
        **entry.subscription.values,
    }
    if row is not None:
        context.change(subscriptions, row, f"of {entry.name}", values, infrastructure_id)
        return
    values = {"infrastructure_id": infrastructure_id, "state": "active", **_SUBSCRIPTION_NEEDS, **values}
    context.add(subscriptions, f"of {entry.name}", values, infrastructure=infrastructure_id)


def _unbroken(context: Context, entry: SubscriptionEntry, row: AnyRow | None) -> object:
    if entry.unbroken_since or row is None:
        return entry.unbroken_since or entry.starts_at
    if (row.starts_at, row.ends_at) == (entry.starts_at, entry.ends_at):
        return row.unbroken_since
    suspended = row.state == "suspended"
    previous = Term(row.starts_at, row.ends_at, row.unbroken_since, row.grace_days, suspended)
    return unbroken_start(previous, entry.starts_at, context.now)


def _check_version(context: Context, entry: InfrastructureEntry, infrastructure_id: Id) -> None:
    highest = entry.subscription.values.get("highest_version") if entry.subscription else None
    if not isinstance(infrastructure_id, int) or not highest:
        return
    above = [
        f"{slot.name} ({slot.platform_version})"
        for slot in context.state.slots.get(infrastructure_id, ())
        if slot.serial and not within(parse_version(slot.platform_version), str(highest))
    ]
    if entry.subscription and above:
        words = f"registered with a version above {highest}: {', '.join(above)}; release them first"
        context.problem(entry.subscription.place, words)


def _left_out(context: Context, row: AnyRow) -> None:
    """An infrastructure that its company's document does not name: what is free of it goes, if asked for."""
    if any(slot.serial for slot in context.state.slots.get(row.id, ())):
        context.plan.keep(f"{row.name} is not in the file, but has registered environments")
        return
    comparing_slots.remove_free(context, row)
    comparing_roles.remove_all(context, row)
    subscription = context.state.subscriptions.get(row.id)
    if subscription is not None:
        context.remove(subscriptions, subscription, f"of {row.name}", row.id)
