"""Notices of bulk registrations: the result for whoever made one, and who else is told."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from handlers import phrases
from handlers.blocks.text import quote
from handlers.reports import Attachment
from handlers.told import Told, Words
from store import bulk_results, bulk_telling, infrastructures

_CORRECT: Final = (
    "Each row says what is wrong with it. Correct it there and hand in the same table again: what is registered stays "
    "as it is."
)


def result(told: Told) -> tuple[Words, list[Attachment]]:
    """The result of a table, with the table."""
    key, said = str(told.facts.get("form_key", "")), result_words(told)
    content = bulk_results.content_of(told.connection, told.delivery.person_id or 0, key)
    if content is None:
        return Words(said.first, ["The table itself is not kept any more."]), []
    title = "Result of the table"
    return said, [
        Attachment(f"registered-{told.now:%Y-%m-%d}.csv", title, "Every row with its result", content)
    ]


def result_words(told: Told) -> Words:
    """What the message of a result says, alone."""
    facts = told.facts
    correct = [_CORRECT] if facts.get("wrong") else []
    if not facts.get("done"):
        return Words("Here is your table with what speaks against its rows. Nothing was registered.", correct)
    return Words(
        f"Here is the result of your table: {facts.get('registered', 0):,} registered now, "
        f"{facts.get('again', 0):,} registered before, {facts.get('wrong', 0):,} not registered.",
        correct,
    )


def _registered(told: Told) -> Words:
    facts = told.facts
    begun_at = datetime.fromisoformat(str(facts["begun_at"]))
    infrastructure = infrastructures.get(told.connection, facts["infrastructure_id"])
    many = bulk_telling.registered_since(told.connection, infrastructure.id, facts["actor_id"], begun_at)
    company, name = (
        quote(each, phrases.LONGEST_NAME) for each in (infrastructure.company_name, infrastructure.name)
    )
    environments = "1 environment" if many == 1 else f"{many:,} environments"
    return Words(
        f"{told.person('actor_id')} registered {environments} of {company}, {name}, from a table.",
        ["To see them, type `/license environments`; `/license history` shows each one."],
    )


NOTICES: Final[Mapping[str, Callable[[Told], Words]]] = {
    "bulk_registered": _registered,
    "bulk_result": result_words,
}
