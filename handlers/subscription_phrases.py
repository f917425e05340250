"""Phrases about subscriptions: how a term stands, what happens after its end, and who gets which files."""

from collections.abc import Sequence
from datetime import datetime

from handlers import phrases
from handlers.blocks.text import last_day, quote
from handlers.words.pens import counted
from store.infrastructures import Infrastructure
from store.reissue_recipients import Recipient
from store.rules.term_moments import days_left
from store.rules.terms import Term

MOST_LISTED = 10
_MOST_FILES_APART = 3

AFTER_THE_END = (
    "the license files stop working, and nothing can be registered, requested or delivered. Releasing, renaming "
    "and the history stay."
)


def place(infrastructure: Infrastructure) -> str:
    """An infrastructure with its company: "Acme Core (Acme Logistics)"."""
    name, company = infrastructure.name, infrastructure.company_name
    return f"{quote(name, phrases.LONGEST_NAME)} ({quote(company, phrases.LONGEST_NAME)})"


def standing(term: Term | None, now: datetime) -> str:
    """How a term stands, within a sentence that begins with the subscription."""
    if term is None:
        return "has not been loaded yet"
    if term.suspended:
        return "is suspended"
    if term.ends_at is None or term.expires_at is None:
        return "runs without an end"
    if now < term.ends_at:
        days = days_left(term.ends_at, now)
        return f"ends in {counted(days, 'day')}; its last day is {last_day(term.ends_at)}"
    if now < term.expires_at:
        return f"ended after {last_day(term.ends_at)} and is in grace until {last_day(term.expires_at)}"
    return f"ended after {last_day(term.ends_at)}, and its grace is over since {last_day(term.expires_at)}"


def consequence(terms: Sequence[Term], now: datetime) -> str:
    """What happens after the ends of these terms, as a whole sentence."""
    expired = [each for each in terms if each.expires_at and each.expires_at <= now]
    if len(expired) == len(terms):
        return f"Since then {AFTER_THE_END}"
    if all(each.grace_days == 0 for each in terms):
        return f"After the last day {AFTER_THE_END}"
    return f"In the days of grace everything goes on working. After that {AFTER_THE_END}"


def manager(infrastructure: Infrastructure) -> str:
    """Whom to write to for a renewal."""
    who = infrastructure.account_manager
    name, email = quote(who.name, phrases.LONGEST_NAME), quote(who.email, 254)
    return f"To renew, write to {name}, your account manager: {email}."


def getting(recipients: Sequence[Recipient]) -> list[str]:
    """Who gets how many files, a line for each; those who are not in Slack are named as well."""
    reached = [each for each in recipients if each.person.reachable]
    lines = [_gets(each) for each in reached[:MOST_LISTED]]
    if len(reached) > MOST_LISTED:
        lines.append(f"… and {len(reached) - MOST_LISTED} more people")
    missed = [each.person for each in recipients if not each.person.reachable]
    if missed:
        lines.append(f"Not in Slack, so without files: {phrases.people(missed)}")
    return lines


def _gets(recipient: Recipient) -> str:
    number = len(recipient.license_ids)
    archive = " in one archive" if number > _MOST_FILES_APART else ""
    return f"{phrases.name(recipient.person)}: {counted(number, 'file')}{archive}"
