"""Notices about subscriptions: suspended, reinstated, near their end, and the files that replace others."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from handlers import phrases
from handlers.blocks.text import last_day, link, quote
from handlers.deleted_files import lines_beforehand
from handlers.subscription_phrases import (
    MOST_LISTED,
    consequence,
    manager,
    place,
    standing,
)
from handlers.told import Told, Words
from handlers.words.pens import counted
from store import infrastructures, reissued_files, subscriptions, term_reminders
from store.held_files import are_held
from store.infrastructures import Infrastructure, Product
from store.reissued_files import ReissuedFile
from store.rules.environments import EnvironmentType

_MOST_FILES: Final = 6  # each line takes some 200 characters, and a section holds 3,000
_REPLACED: Final = {
    "renewal": "was renewed",
    "reinstatement": "is no longer suspended",
    "compromise": "needs new license files, because the key that signed the old ones is not safe any more",
}
_WHY_THESE: Final = {
    "renewal": "They replace files that you look after or have, so nobody has to ask for them again.",
    "reinstatement": (
        "They replace files that you look after or have; those from before the suspension do not count any more."
    ),
    "compromise": (
        "They replace files that you look after or have. Please install them soon: servers may refuse the old ones."
    ),
}


def _suspended(told: Told) -> Words:
    infrastructure = infrastructures.get(told.connection, told.facts["infrastructure_id"])
    reason = subscriptions.suspension_reason(told.connection, infrastructure.id)
    who = infrastructure.account_manager
    return Words(
        f"The subscription of {place(infrastructure)} is suspended.",
        [
            *([f"Reason: “{quote(reason, 1000)}”"] if reason else []),
            (
                "For now nothing can be registered, requested or delivered there, and requests that waited are closed. "
                "Releasing, renaming and the history stay."
            ),
            f"To settle it, write to {quote(who.name, 120)}, your account manager: {quote(who.email, 254)}.",
        ],
    )


def _reinstated(told: Told) -> Words:
    infrastructure = infrastructures.get(told.connection, told.facts["infrastructure_id"])
    return Words(
        f"The subscription of {place(infrastructure)} is no longer suspended.",
        [f"Registering, requesting and delivering work again. {_files_after(infrastructure)}"],
    )


def _files_after(infrastructure: Infrastructure) -> str:
    if are_held(infrastructure):
        return "Its license files are made by the vendor, and those from before stay as they are."
    return (
        "New license files replace those from before; they come by themselves to those who look after the "
        "environments or had the files."
    )


def _term_reminder(told: Told) -> Words:
    due = [each.infrastructure_id for each in term_reminders.still_due(told.connection, told.delivery)]
    found = infrastructures.get_many(told.connection, due)
    about = [found[each] for each in due]
    terms = [each.term for each in about if each.term]
    return Words(
        _ends(about, told),
        [*_each(about, told), consequence(terms, told.now), manager(about[0]), _after_renewal(about)],
    )


def _after_renewal(about: Sequence[Infrastructure]) -> str:
    held = sum(are_held(each) for each in about)
    if not held:
        return "After a renewal the new license files come by themselves."
    if held == len(about):
        return "After a renewal the vendor makes the new license files; they come once they are uploaded."
    return (
        "After a renewal the new license files come by themselves, those that the vendor makes once uploaded."
    )


def _ends(about: Sequence[Infrastructure], told: Told) -> str:
    if len(about) == 1:
        return f"The subscription of {place(about[0])} {standing(about[0].term, told.now)}."
    company = quote(about[0].company_name, phrases.LONGEST_NAME)
    return f"{len(about)} subscriptions of {company} end soon or have ended."


def _each(about: Sequence[Infrastructure], told: Told) -> list[str]:
    if len(about) == 1:
        return []
    names = [(quote(each.name, phrases.LONGEST_NAME), each.term) for each in about[:MOST_LISTED]]
    lines = [f"• {name} {standing(term, told.now)}" for name, term in names]
    more = len(about) - len(lines)
    return [*lines, *([f"• … and {more} more"] if more else [])]


def _reissued(told: Told) -> Words:
    files = reissued_files.files(told.connection, told.delivery.steps.get("licenses") or [])
    infrastructure = reissued_files.infrastructure_of(told.connection, told.delivery)
    cause = reissued_files.cause_of(told.connection, told.delivery)
    here = "here is the new license file" if len(files) == 1 else f"here are {len(files)} new license files"
    return Words(
        f"{place(infrastructure)} {_REPLACED[cause]}: {here}{_valid(files)}.",
        [
            _WHY_THESE[cause],
            *_install(infrastructure.product),
            *_listed(files),
            *lines_beforehand(told.desk.policy, told.now),
        ],
    )


def _valid(files: Sequence[ReissuedFile]) -> str:
    ends = {(each.license_end, each.expires_at) for each in files}
    if len(ends) != 1:
        return ""
    [(end, expires)] = ends
    if end is None or expires is None:
        return ", valid without an end"
    return f", valid until {last_day(end)}, and after that in grace until {last_day(expires)}"


def _install(product: Product) -> list[str]:
    steps = [
        f"To install them in {quote(product.console_name, 80)}:",
        "1. Back up the present license file of each environment.",
        f"2. Upload the new one at {quote(product.upload_path, 200)}. Its name is the serial number that it is for.",
        f"3. If it is refused, compare that with the serial number at {quote(product.menu_path, 200)}.",
    ]
    if product.install_url:
        steps.append(link(product.install_url, "More about installing it"))
    return steps


def _listed(files: Sequence[ReissuedFile]) -> list[str]:
    lines = [
        f"• {_environment(each)}: {each.serial}, SHA-256 `{each.sha256}`" for each in files[:_MOST_FILES]
    ]
    more = len(files) - len(lines)
    if more:
        lines.append(
            f"• … and {counted(more, 'more environment')}; SHA256SUMS in the archive lists all checksums"
        )
    return lines


def _environment(file: ReissuedFile) -> str:
    kind = EnvironmentType(file.environment_type).short
    return f"{quote(file.slot_name, phrases.LONGEST_NAME)} ({kind})"


NOTICES: Final[Mapping[str, Callable[[Told], Words]]] = {
    "subscription_suspended": _suspended,
    "subscription_reinstated": _reinstated,
    "term_reminder": _term_reminder,
    "reissued": _reissued,
}
