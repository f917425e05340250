"""People in a document beside the database."""

from store.database import AnyRow
from store.importing.changes import Id, Pending
from store.importing.content import PersonEntry
from store.importing.context import Context
from store.tables import persons


def person(context: Context, entry: PersonEntry, company_id: Id | None) -> None:
    """Find what is different about one person."""
    texts = [text for text in (entry.slack_id, entry.seen_as, entry.email) if text]
    row = _found(context, entry)
    if context.workspace is None:
        context.problem(entry.place, _NO_WORKSPACE)
    if row is None:
        _add(context, entry, texts, company_id)
    else:
        _change(context, entry, row, company_id)
    identity = row.id if row is not None else Pending("person", texts[0]) if texts else None
    if identity is not None:
        context.identities.update(dict.fromkeys(texts, identity))
    if not (entry.slack_id or entry.seen_as or (row is not None and row.slack_id)):
        context.plan.miss(entry.name)


_NO_WORKSPACE = (
    "which Slack workspace is this? Write it once in the first document, such as workspace: T0ACME "
    "(the address of Slack in a browser shows it: app.slack.com/client/T…)"
)


def _found(context: Context, entry: PersonEntry) -> AnyRow | None:
    state = context.state
    by_email = state.by_email.get(entry.email) if entry.email else None
    by_slack = state.by_slack.get(entry.slack_id or entry.seen_as or "")
    if by_slack is not None and by_email is not None and by_slack.id != by_email.id:
        context.problem(entry.place, "the Slack id and the e-mail address belong to two different people")
    if by_slack is None and by_email is not None and entry.slack_id and by_email.slack_id:
        context.problem(
            entry.place,
            f"this e-mail address belongs to {by_email.slack_id} in Slack, not to {entry.slack_id}",
        )
    return by_slack if by_slack is not None else by_email


def _add(context: Context, entry: PersonEntry, texts: list[str], company_id: Id | None) -> None:
    values: dict[str, object] = {
        "workspace_id": context.workspace,
        "slack_id": entry.slack_id or entry.seen_as,
        "slack_id_imported": entry.slack_id is not None,
        "email": entry.email,
        "name": entry.name,
        "zone": entry.zone or "UTC",
        "company_id": company_id,
    }
    context.add(persons, entry.name, values, *(Pending("person", text) for text in texts))


def _change(context: Context, entry: PersonEntry, row: AnyRow, company_id: Id | None) -> None:
    values: dict[str, object] = {"company_id": company_id}
    if entry.email:
        values["email"] = entry.email
    if entry.slack_id:
        values["slack_id_imported"] = True
    if row.slack_id is None:
        values |= {"slack_id": entry.slack_id or entry.seen_as, "workspace_id": context.workspace}
    elif row.workspace_id != context.workspace:
        context.problem(entry.place, f"{entry.name} is linked in another workspace, {row.workspace_id}")
    if row.checked_at is None:
        # Once Slack was asked, what it says of name and zone is newer than the file.
        values |= {"name": entry.name, "zone": entry.zone or row.zone}
    context.change(persons, row, entry.name, values)
