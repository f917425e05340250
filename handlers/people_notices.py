"""Notices of changes of roles, channels and stand-ins, of people who come back, and of requests for access."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from handlers import phrases
from handlers.access_buttons import access_buttons
from handlers.blocks.ids import Action
from handlers.blocks.kit import button, confirm
from handlers.blocks.text import channel, date, day, last_day, plain, quote
from handlers.role_phrases import MEANS, as_role, place
from handlers.told import Told, Words
from handlers.words.pens import counted, span
from handlers.words.people import A_ROLE
from store import access_requests, infrastructures, people, role_rows
from store.people import Person
from store.role_rows import Held
from store.rules.people_errors import LONGEST_ACCESS_TEXT
from store.rules.rights import RoleName

_MOST_LINES: Final = 10
_SEE: Final = "Type `/license people` to see who is who."
_ATTEMPTS: Final = {
    "right": "what takes a right that they do not have",
    "unknown": "serial numbers, requests or infrastructures that are not theirs",
    "often": "asked more often than one person may",
}
_START: Final = "Type `/license` here or in any channel to see what you can do."


@dataclass(frozen=True, slots=True)
class _Change:
    """One change of a role, with names."""

    what: str  # "given", "ended" or "confirmed"
    role: RoleName
    person: Person
    place: str

    @property
    def as_role(self) -> str:
        return f"{A_ROLE[self.role]} of {self.place}"

    @property
    def line(self) -> str:
        """Who has the role now, or has it no longer."""
        name = phrases.name(self.person)
        return f"{name}: {'no longer ' if self.what == 'ended' else ''}{self.as_role}"


def _own_roles_changed(told: Told) -> Words:
    """To the person whose roles they are."""
    who, changes = told.person("actor_id"), _changes(told)
    if len(changes) > 1:
        said = {"given": "You are now", "ended": "You are no longer", "confirmed": "Counts again:"}
        lines = [f"{said[each.what]} {each.as_role}" for each in changes]
        return Words(f"{who} changed your roles.", [*_clipped(lines), _START])
    change = changes[0]
    if change.what == "ended":
        return Words(f"{who} ended your role: you are no longer {change.as_role}.", [_ASK_THEM])
    if change.what == "confirmed":
        return Words(f"{who} confirmed your role, so that it counts again: {change.as_role}.", [_START])
    return Words(f"{who} made you {change.as_role}.", [MEANS[change.role], _START])


_ASK_THEM: Final = "If this is not right, speak to them, or ask your company admins."


def _roles_changed(told: Told) -> Words:
    """To the admins of where it happened."""
    who, changes = told.person("actor_id"), _changes(told)
    given = [each for each in changes if each.what == "given"]
    ended = [each for each in changes if each.what == "ended"]
    if len(changes) == 2 and given and ended and given[0].as_role == ended[0].as_role:
        new, old = phrases.name(given[0].person), phrases.name(ended[0].person)
        return Words(f"{who} made {new} {given[0].as_role}, in the place of {old}.", [_SEE])
    if len(changes) > 1:
        return Words(f"{who} changed roles.", [*_clipped([each.line for each in changes]), _SEE])
    change, name = changes[0], phrases.name(changes[0].person)
    if change.what == "ended":
        return Words(f"{who} ended a role: {name} is no longer {change.as_role}.", [_SEE])
    if change.what == "confirmed":
        return Words(f"{who} confirmed that {name} is {change.as_role} again.", [_SEE])
    return Words(f"{who} made {name} {change.as_role}.", [_SEE])


def _roles_to_confirm(told: Told) -> Words:
    person_id = told.facts["about_person_id"]
    resting = [each for each in role_rows.of_person(told.connection, person_id) if not each.active]
    name = told.person("about_person_id")
    if not resting:
        return Words(f"{name} is back in Slack, and their roles were confirmed already.")
    ask = button(
        "Confirm roles",
        Action.CONFIRM_ROLES,
        str(person_id),
        accessibility_label=f"Confirm the roles of {plain(people.get(told.connection, person_id).name)}",
    )
    return Words(
        f"{name} is back in Slack, and their roles rest.",
        [*_clipped([_of(each) for each in resting]), "They count again once somebody confirms them."],
        [ask],
    )


def _handing_over(told: Told) -> Words:
    found = role_rows.of_ids(told.connection, [told.facts["role_id"]])
    actor, successor = told.person("actor_id"), told.person("successor_id")
    if not found or found[0].person.id != told.facts["actor_id"]:
        return Words(f"{actor} wanted {successor} to follow them, and that is settled already.", [_SEE])
    held, successor_id = found[0], told.facts["successor_id"]
    return Words(
        f"{actor} would like {successor} to follow them as {_of(held)}.",
        [f"You can set this role. {actor} keeps it until that is done."],
        [_give(held, people.get(told.connection, successor_id))],
    )


def _give(held: Held, successor: Person) -> dict[str, Any]:
    new, old = phrases.plain_name(successor), phrases.plain_name(held.person)
    asked = confirm(
        "Give this role?",
        f"{new} becomes {A_ROLE[held.role]}, in the place of {old}.",
        "Give the role",
        "Not now",
    )
    label = f"Give the role of {old} to {new}"
    text = f"Give it to {new}"
    value = f"{held.id}-{successor.id}"
    return button(text, Action.TAKE_OVER, value, confirm=asked, accessibility_label=label)


def _channel_set(told: Told) -> Words:
    infrastructure = infrastructures.get(told.connection, told.facts["infrastructure_id"])
    where, slack_id = place(infrastructure.name, infrastructure.company_name), told.facts.get("channel")
    who = told.person("actor_id")
    if slack_id is None:
        return Words(
            f"{who} took the approval channel of {where} away.", ["Requests go to each person directly."]
        )
    first = f"{who} set the approval channel of {where}: {channel(slack_id)}."
    return Words(first, ["Requests that wait for an answer are shown there as well."])


def _stand_in_named(told: Told) -> Words:
    who, contact, stand_in = (told.person(each) for each in ("actor_id", "contact_id", "stand_in_id"))
    where, (first, last) = _infrastructure(told), _days(told)
    days = f"from {first} to {last}"
    if told.delivery.person_id == told.facts["stand_in_id"]:
        return Words(
            f"You stand in for {contact} in {where}, {days}: {who} asked for it.",
            ["In this time you are asked when somebody needs a license file. You get no other rights by it."],
        )
    return Words(
        f"{stand_in} stands in for {contact} in {where}, {days}: {who} asked for it.",
        ["In this time they can forward or decline what people ask for, and nothing else."],
    )


def _stand_in_ended(told: Told) -> Words:
    who, contact, stand_in = (told.person(each) for each in ("actor_id", "contact_id", "stand_in_id"))
    you = told.delivery.person_id == told.facts["stand_in_id"]
    whom = "you" if you else stand_in
    return Words(
        f"{who} ended that {whom} {'stand' if you else 'stands'} in for {contact} in {_infrastructure(told)}.",
        ["It ends now. What was decided before stays."],
    )


def _access_asked(told: Told) -> Words:
    found = access_requests.find(told.connection, told.facts["access_request_id"])
    if found is None:
        return Words("Somebody asked for access, and that is settled already.")
    name = phrases.name(found.person)
    lines = [f"They wrote: “{quote(found.typed, LONGEST_ACCESS_TEXT)}”"]
    if found.person.email:
        lines.append(f"E-mail address in Slack: {quote(found.person.email, phrases.LONGEST_NAME)}")
    if found.infrastructure_id:
        named = infrastructures.get(told.connection, found.infrastructure_id)
        lines.append(f"Their activation code is that of {place(named.name, named.company_name)}.")
    lines.append("They are told only that somebody looks at it. Add them if you know who they are.")
    return Words(f"{name} asks for access.", lines, access_buttons(found) if found.is_open else ())


def _access_declined(told: Told) -> Words:
    return Words(
        "Your request for access was declined.",
        [f"If you need it, speak to your company, or write to {_operators(told)}."],
    )


def _welcome(told: Told) -> Words:
    person_id = told.delivery.person_id or 0
    held = [each for each in role_rows.of_person(told.connection, person_id) if each.active]
    means = list(dict.fromkeys(MEANS[each.role] for each in held))
    return Words(
        "Welcome to License Desk: here you register environments and get their license files.",
        [
            f"You are {phrases.shortened([_of(each) for each in held])}."
            if held
            else "You have no role yet.",
            *means,
            "License files, requests and news about them arrive here, in this conversation.",
            f"{_START} Questions? Write to {_operators(told)}.",
        ],
    )


def _refused_often(told: Told) -> Words:
    person = people.get(told.connection, told.facts["about_person_id"])
    counts: Mapping[str, int] = told.facts["counts"]
    began_at, ends_at = (datetime.fromisoformat(told.facts[each]) for each in ("began_at", "ends_at"))
    within = span(ends_at - began_at)
    listed = [f"• {_ATTEMPTS[kind]}: {counted(counts[kind], 'time')}" for kind in _ATTEMPTS if kind in counts]
    acts = f"License Desk does nothing for them until {date(ends_at)}, unless they are an operator."
    slack_id = quote(person.slack_id or "", 20)
    return Words(
        f"{phrases.name(person)} was refused {counted(sum(counts.values()), 'time')} within {within}.",
        [
            *listed,
            acts,
            f"What they tried is in the record: `license-desk audit show --person {slack_id}`.",
        ],
    )


def _operators(told: Told) -> str:
    return quote(told.desk.policy.operators_address, phrases.LONGEST_NAME)


def _of(held: Held) -> str:
    return as_role(held.role, held.infrastructure_name, held.company_name)


def _infrastructure(told: Told) -> str:
    found = infrastructures.get(told.connection, told.facts["infrastructure_id"])
    return place(found.name, found.company_name)


def _days(told: Told) -> tuple[str, str]:
    first, end = (datetime.fromisoformat(told.facts[each]) for each in ("starts_at", "ends_at"))
    # A stand-in is named for days where the contact is.
    zone = ZoneInfo(people.get(told.connection, told.facts["contact_id"]).zone)
    return day(first, zone), last_day(end, zone)


def _changes(told: Told) -> list[_Change]:
    facts: Sequence[Mapping[str, Any]] = told.facts["changes"]
    known = people.get_many(told.connection, {each["person_id"] for each in facts})
    places = _places(told.connection, facts)
    return [
        _Change(
            each["what"],
            RoleName(each["role"]),
            known[each["person_id"]],
            places[each["company_id"], each["infrastructure_id"]],
        )
        for each in facts
    ]


def _places(
    connection: Connection, facts: Sequence[Mapping[str, Any]]
) -> dict[tuple[int | None, int | None], str]:
    """The places of some changes by the ids of their company and infrastructure, each read once."""
    return {
        (company_id, infrastructure_id): place(*role_rows.names(connection, company_id, infrastructure_id))
        for company_id, infrastructure_id in {
            (each["company_id"], each["infrastructure_id"]) for each in facts
        }
    }


def _clipped(lines: Sequence[str]) -> list[str]:
    more = len(lines) - _MOST_LINES
    shown = [f"• {each}" for each in lines[:_MOST_LINES]]
    return [*shown, f"• and {more} more"] if more > 0 else shown


NOTICES: Final[Mapping[str, Callable[[Told], Words]]] = {
    "own_roles_changed": _own_roles_changed,
    "roles_changed": _roles_changed,
    "roles_to_confirm": _roles_to_confirm,
    "handing_over": _handing_over,
    "channel_set": _channel_set,
    "stand_in_named": _stand_in_named,
    "stand_in_ended": _stand_in_ended,
    "access_asked": _access_asked,
    "access_declined": _access_declined,
    "welcome": _welcome,
    "refused_often": _refused_often,
}
