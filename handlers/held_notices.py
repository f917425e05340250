"""Notices about files that the vendor makes: wanted, uploaded, and to be looked after when a term is renewed."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from handlers import phrases
from handlers.blocks.text import quote
from handlers.item_buttons import upload_button
from handlers.told import Told, Words
from store import held_files, infrastructures, slots
from store.slots import Environment

_MOST_BUTTONS: Final = 10


def _wanted(told: Told) -> Words:
    """What is still missing, with a button for each; what was uploaded meanwhile is left out."""
    ids = [int(each) for each in told.facts["registration_ids"]]
    there = held_files.newest_of_each(told.connection, ids)
    found = slots.environments_of(told.connection, ids)
    environments = [found[each] for each in ids]
    missing = [each for each in environments if _is_missing(each, there)]
    if not missing:
        return Words(
            f"The vendor's file of {_listed(environments)} is not waited for any more.", [_NOTHING_TO_DO]
        )
    who = told.person("actor_id")
    where = phrases.place_of(infrastructures.get(told.connection, missing[0].infrastructure_id))
    return Words(
        f"{who} needs the license file of {_listed(missing)}, {where}, which the vendor makes.",
        [*_serials(missing), _UPLOAD],
        _buttons(missing),
    )


_NOTHING_TO_DO: Final = "It was uploaded meanwhile, or the environment is not registered any more."
_UPLOAD: Final = (
    "It is not uploaded yet. Get it from the vendor and upload it; whoever waits for it then gets it."
)


def _is_missing(each: Environment, there: Mapping[int, object]) -> bool:
    registration = each.registration
    return registration is not None and registration.state == "open" and registration.id not in there


def _listed(environments: Sequence[Environment]) -> str:
    if len(environments) > phrases.MOST_ENVIRONMENTS_NAMED:
        return f"{len(environments)} environments"
    return phrases.listed([phrases.environment(each) for each in environments])


def _serials(environments: Sequence[Environment]) -> list[str]:
    named = [(each.slot_name, each.registration.serial) for each in environments if each.registration]
    if len(named) == 1:
        return [f"Serial number: {named[0][1]}"]
    return [f"Serial number of {quote(name, phrases.LONGEST_NAME)}: {serial}" for name, serial in named]


def _buttons(environments: Sequence[Environment]) -> list[dict[str, object]]:
    several = len(environments) > 1
    return [
        upload_button(each, each.registration.id, named=several)
        for each in environments[:_MOST_BUTTONS]
        if each.registration
    ]


def _uploaded(told: Told) -> Words:
    environment = slots.environment_of(told.connection, told.delivery.registration_id or 0)
    held = held_files.get(told.connection, told.facts["held_file_id"])
    where = phrases.place_of(infrastructures.get(told.connection, environment.infrastructure_id))
    return Words(
        f"{told.person('actor_id')} uploaded the vendor's license file of {phrases.environment(environment)}, {where}.",
        [
            f"File number {held.version}: {quote(held.name, phrases.LONGEST_NAME)}, SHA-256 `{held.sha256}`",
            "Whoever waited for it gets it by itself. To get it, type `/license request`.",
        ],
    )


def _after_renewal(told: Told) -> Words:
    where = phrases.place_of(infrastructures.get(told.connection, told.facts["place_id"]))
    return Words(
        f"{where} was renewed. Its license files are made by the vendor, so License Desk makes no new ones.",
        [
            "If the vendor makes new files for the new term, upload each with `/license upload`; the newest counts."
        ],
    )


NOTICES: Final[Mapping[str, Callable[[Told], Words]]] = {
    "held_file_wanted": _wanted,
    "held_file_uploaded": _uploaded,
    "held_files_renewal": _after_renewal,
}
