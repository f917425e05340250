"""Who is who in an infrastructure, in words: the holders of each role, and everything that needs attention."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from handlers import phrases
from handlers.blocks.text import channel, day, last_day
from handlers.role_phrases import holders_called, place
from handlers.words.pens import counted
from handlers.words.people import ROLES
from store import conversations, role_rows, stand_in_rows
from store.conversations import Conversation
from store.infrastructures import Seen
from store.people import Person
from store.role_rows import Held
from store.rules.rights import ADMINS, CONTACTS, RoleName
from store.rules.role_rules import SET_BY
from store.stand_in_rows import StandIn

_MOST_NAMED: Final = 12
_MOST_WARNINGS: Final = 10
_LONGEST_PARAGRAPH: Final = 2000
_ASKED: Final = CONTACTS | ADMINS


@dataclass(frozen=True, slots=True)
class Who:
    """An infrastructure with everybody who has a role in it or in its company."""

    seen: Seen
    held: tuple[Held, ...]
    stand_ins: tuple[StandIn, ...]
    channel: Conversation | None  # the approval channel as last seen, if it ever was
    mails: bool  # whether people who are not in Slack are asked by e-mail


def read(connection: Connection, seen: Seen, workspace_id: str, now: datetime, *, mails: bool) -> Who:
    """Read who is who."""
    infrastructure = seen.infrastructure
    slack_id = infrastructure.approval_channel
    return Who(
        seen,
        tuple(role_rows.over(connection, infrastructure.company_id, infrastructure.id)),
        tuple(stand_in_rows.of_infrastructure(connection, infrastructure.id, now)),
        conversations.find(connection, workspace_id, slack_id) if slack_id else None,
        mails,
    )


def summary(who: Who) -> str:
    """The first sentence: where, how many people, and whether something needs attention."""
    number = len({each.person.id for each in who.held})
    infrastructure = who.seen.infrastructure
    named = place(infrastructure.name, infrastructure.company_name)
    have = "1 person has" if number == 1 else f"{counted(number, 'person').replace('persons', 'people')} have"
    attention = len(list(_warnings(who)))
    if not attention:
        return f"{named}: {have} a role, and nothing needs attention."
    need = "thing needs" if attention == 1 else "things need"
    return f"{named}: {have} a role, and {attention} {need} attention."


def paragraphs(who: Who) -> list[str]:
    """One line for each role, and the approval channel; in as many paragraphs as they need."""
    roles = [f"{holders_called(role)}: {_holders(who, role)}" for role in SET_BY]
    found: list[str] = []
    for line in [*roles, f"Approval channel: {_channel(who)}"]:
        if found and len(found[-1]) + len(line) < _LONGEST_PARAGRAPH:
            found[-1] = f"{found[-1]}\n{line}"
        else:
            found.append(line)
    return found


def stand_in(each: StandIn) -> str:
    """Who stands in for whom, and from when until when."""
    zone = ZoneInfo(each.contact.zone)
    days = f"from {day(each.starts_at, zone)} to {last_day(each.ends_at, zone)}"
    return f"{phrases.name(each.person)} stands in for {phrases.name(each.contact)} {days}."


def warnings(who: Who) -> list[str]:
    """Everything that needs attention, one a line; many are counted."""
    found = [f"• {each}" for each in _warnings(who)]
    more = len(found) - _MOST_WARNINGS
    return [*found[:_MOST_WARNINGS], f"• and {more} more"] if more > 0 else found


def _holders(who: Who, role: RoleName) -> str:
    named = [_named(each, mails=who.mails) for each in who.held if each.role is role]
    return phrases.shortened(named, _MOST_NAMED) if named else "nobody"


def _named(held: Held, *, mails: bool) -> str:
    name, person = phrases.name(held.person), held.person
    if mails and held.role in _ASKED and held.counts and person.mailable:
        return f"{name} (by e-mail)"
    if not person.slack_id:
        return f"{name} (not in Slack)"
    if held.counts:
        return name
    return f"{name} (guest)" if held.active and person.active else f"{name} (resting)"


def _channel(who: Who) -> str:
    slack_id = who.seen.infrastructure.approval_channel
    return channel(slack_id) if slack_id else "none; requests go to each person directly"


def _warnings(who: Who) -> Iterator[str]:
    yield from _missing(who)
    yield from _lost_channel(who)
    for person, held in _by_person(who.held).items():
        why = _wrong(person, held, mails=who.mails)
        if why:
            of = phrases.listed(list(dict.fromkeys(ROLES[each.role] for each in held)))
            yield f"{phrases.name(person)} ({of}) {why}"


def _missing(who: Who) -> Iterator[str]:
    counting = [each for each in who.held if each.counts]
    if not any(each.role in CONTACTS for each in counting):
        yield "Nobody is a contact, so that requests go to administrators. Set one."
    else:
        for role in (RoleName.FINANCIAL_CONTACT, RoleName.TECHNICAL_CONTACT):
            if not any(each.role is role for each in who.held):
                yield f"There is no {ROLES[role]}."
    admins = sum(each.role is RoleName.COMPANY_ADMIN for each in counting)
    if admins == 0:
        yield "There is no active company admin. Only the operators can set one."
    elif admins == 1:
        yield "There is only one active company admin. Set another one, so that somebody is left when they leave."


def _lost_channel(who: Who) -> Iterator[str]:
    known = who.channel
    if known is None or known.usable:
        return
    why = "is shared with another organization"
    if known.archived:
        why = "is archived"
    elif known.absent:
        why = "does not have me in it: write `/invite @License Desk` there"
    yield f"The approval channel {why}. Until then requests go to each person directly."


def _wrong(person: Person, held: Sequence[Held], *, mails: bool) -> str:
    """Why somebody's roles do not do what they are for; empty when they do."""
    if not person.active:
        return "is deactivated in Slack, so their roles rest. Set somebody else, if they do not come back."
    asked = any(each.role in _ASKED for each in held)
    if mails and asked and person.mailable and all(each.active for each in held):
        return ""
    if person.slack_id is None:
        so = ", so nobody can ask them" if asked else ""
        return f"is not known in Slack yet{so}. They are linked when they first type `/license`."
    if not person.welcome:
        return "is a guest whom the import does not name, so that they can do nothing."
    if any(not each.active for each in held):
        return "is back in Slack, but their roles rest until somebody confirms them."
    return ""


def _by_person(held: Sequence[Held]) -> dict[Person, list[Held]]:
    found: dict[Person, list[Held]] = {}
    for each in held:
        found.setdefault(each.person, []).append(each)
    return found
