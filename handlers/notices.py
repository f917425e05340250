"""Direct messages that tell somebody of a change: one function for each, by the notice's name."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from handlers import helping, phrases
from handlers.answers import Message
from handlers.blocks.ids import Action
from handlers.blocks.kit import Element, actions, button, message, section
from handlers.blocks.text import date, quote
from store import infrastructures, people, slots
from store.deliveries import Delivery
from store.desk import Desk
from store.request_views import ItemView, RequestView, view
from store.rules.request_states import RequestKind


@dataclass(frozen=True, slots=True)
class Told:
    """What a notice is drawn from."""

    connection: Connection
    desk: Desk
    delivery: Delivery

    @property
    def facts(self) -> Mapping[str, Any]:
        """The plain facts that were queued with it."""
        return self.delivery.facts

    @property
    def request(self) -> RequestView:
        """The request that it is about, as it is now."""
        return view(self.connection, self.delivery.request_id or 0)

    @property
    def items(self) -> list[ItemView]:
        """The items that it is about; all of the request's where none is named."""
        ids = self.facts.get("item_ids") or [self.delivery.item_id]
        request = self.request
        return [each for each in request.items if each.id in ids] or list(request.items)

    def person(self, fact: str) -> str:
        """The name of somebody whose id is a fact; the desk itself where there is none."""
        person_id = self.facts.get(fact)
        return phrases.name(people.get(self.connection, person_id)) if person_id else "the desk"

    def environment(self) -> tuple[slots.Environment, str]:
        """The registration that it is about, and its company and infrastructure in words."""
        found = slots.environment_of(self.connection, self.delivery.registration_id or 0)
        return found, _place(infrastructures.get(self.connection, found.infrastructure_id))


def notice(connection: Connection, desk: Desk, delivery: Delivery) -> Message:
    """Draw the notice that a delivery asks for. Raises `KeyError` for a notice without words."""
    words, buttons = NOTICES[delivery.notice or ""](Told(connection, desk, delivery))
    row = [actions(buttons)] if buttons else []
    return message(words.partition("\n")[0], [section(words), *row])


Words = tuple[str, Sequence[Element]]


def _place(infrastructure: infrastructures.Infrastructure) -> str:
    return f"{quote(infrastructure.company_name, 80)}, {quote(infrastructure.name, 80)}"


def _registered(told: Told) -> Words:
    environment, place = told.environment()
    who = told.person("actor_id")
    return f"{who} registered {phrases.environment(environment)}, {place}.\n{_serial(environment)}", []


def _undone(told: Told) -> Words:
    environment, place = told.environment()
    who = told.person("actor_id")
    return (
        (
            f"{who} took back the registration of {phrases.environment(environment)}, {place}. "
            f"The slot is free again.\n{_serial(environment)}"
        ),
        [],
    )


def _released(told: Told) -> Words:
    environment, place = told.environment()
    reason = told.facts.get("reason")
    said = f"\nReason: “{quote(str(reason), 500)}”" if reason else ""
    return (
        (
            f"{told.person('actor_id')} released {phrases.environment(environment)}, {place}. The slot is free again.\n"
            f"{_serial(environment)}\nThe old license file stays technically valid on the old server until its date; "
            f"please remove it there.{said}"
        ),
        [],
    )


def _serial_changed(told: Told) -> Words:
    environment, place = told.environment()
    return (
        (
            f"{told.person('actor_id')} changed the serial number of {phrases.environment(environment)}, {place}.\n"
            f"{_serial(environment)}\nThe license file of the old serial number stays technically valid on the old "
            "server until its date."
        ),
        [],
    )


def _version_changed(told: Told) -> Words:
    environment, place = told.environment()
    before = quote(str(told.facts.get("before", "")), 60)
    return (
        (
            f"{told.person('actor_id')} changed the version of {phrases.environment(environment)}, {place}, "
            f"from {before}.\n{_serial(environment)}"
        ),
        [],
    )


def _serial(environment: slots.Environment) -> str:
    registration = environment.registration
    return f"Serial {registration.serial}, version {registration.platform_version}." if registration else ""


def _foreign_serial(told: Told) -> Words:
    other = slots.environment_of(told.connection, told.facts["other_registration_id"])
    tried = infrastructures.get(told.connection, told.facts["infrastructure_id"])
    holder = infrastructures.get(told.connection, other.infrastructure_id)
    return (
        (
            f"{told.person('tried_by_id')} typed a serial number in {_place(tried)} that is in use in {_place(holder)}.\n"
            f"{_serial(other)} It is registered as {phrases.environment(other)} since {_since(other)}. They were only "
            "told that it is in use elsewhere. If it moved, the other company releases it first."
        ),
        [],
    )


def _since(environment: slots.Environment) -> str:
    return date(environment.registration.registered_at) if environment.registration else ""


def _roles_resting(told: Told) -> Words:
    who = told.person("resting_person_id")
    return (
        (
            f"{who} was deactivated in Slack, so their roles rest: they have no rights and are not asked any more.\n"
            "If somebody follows them, please set the roles anew. The roles come back only when an admin or operator "
            "confirms them."
        ),
        [],
    )


def _forwarded(told: Told) -> Words:
    request, items = told.request, told.items
    who = phrases.name(items[0].decider)
    if request.kind is RequestKind.RELEASE:
        return (
            (
                f"{request.number}: {who} confirmed the release of {phrases.environments(items)}, "
                f"{phrases.place(request)}. The slot is free again.\nThe old license file stays technically valid on the "
                "old server until its date."
            ),
            [],
        )
    return (
        (
            f"{request.number}: {who} forwarded {phrases.files_of(items)}, {phrases.place(request)}, to you.\n"
            "The file arrives here in a moment."
        ),
        [],
    )


def _declined(told: Told) -> Words:
    request, items = told.request, told.items
    who, reason = phrases.name(items[0].decider), items[0].decline_reason
    said = f"\nReason: “{quote(reason, 1000)}”" if reason else ""
    return (
        (
            f"{request.number}: {who} declined {phrases.files_of(items)}, {phrases.place(request)}.{said}\n"
            f"No file was sent; your registration stays. Speak to {who}, or ask again."
        ),
        _ask_again(items),
    )


def _withdrawn(told: Told) -> Words:
    request, items = told.request, told.items
    return f"{request.number}: you withdrew your request for {phrases.environments(items)}.", _ask_again(
        items
    )


def _expired(told: Told) -> Words:
    request, items = told.request, told.items
    asked = [phrases.name(each) for each in request.asked]
    whom = f" I asked {phrases.listed(asked)}." if asked else ""
    speak = f"speak to {phrases.listed(asked, 'or')} directly" if asked else "speak to your company admins"
    return (
        (
            f"{request.number} for {phrases.environments(items)} has expired: nobody answered in time.\n"
            f"No file was sent; your registration stays.{whom} Press Ask again, or {speak}."
        ),
        _ask_again(items),
    )


def _closed(told: Told) -> Words:
    request, items = told.request, told.items
    why = phrases.why_closed(items[0].cause)
    return (
        (
            f"{request.number} for {phrases.environments(items)}, {phrases.place(request)}, was closed: {why}.\n"
            "No file was sent. If you still need one, type `/license request`."
        ),
        [],
    )


def _escalated(told: Told) -> Words:
    request = told.request
    asked = phrases.listed([phrases.name(each) for each in request.asked])
    return (
        f"{request.number}: the people it was put to first could not be reached in Slack.\nNow asked: {asked}.",
        [],
    )


def _not_delivered(told: Told) -> Words:
    request, items = told.request, told.items
    mine = told.delivery.person_id == request.requester.id
    whom = "you" if mine else phrases.name(request.requester)
    again = "Press Send again, or ask the operators." if mine else "They can press Send again."
    return (
        (
            f"{request.number}: {phrases.files_of(items)} has not reached {whom} "
            f"yet.\nSlack has not taken the file so far; the decision stays. I go on trying. {again}"
        ),
        _send_again(items) if mine else [],
    )


def _operator_took_file(told: Told) -> Words:
    request, items = told.request, told.items
    return (
        (
            f"{request.number}: {phrases.name(request.requester)}, an operator, took {phrases.files_of(items)}, "
            f"{phrases.place(request)}.\nYou are told because you are the technical contact. Reason: "
            f"“{quote(request.reason, 500)}”"
        ),
        [],
    )


def _delivery_failed(told: Told) -> Words:
    number = told.facts.get("delivery_id", told.delivery.id)
    code = quote(str(told.facts.get("error") or "no answer"), 80)
    return (
        (
            f"Delivery {number} was given up: Slack answered {code}.\n"
            f"See `license-desk deliveries list`, and send it again with `license-desk deliveries retry {number}`."
        ),
        [],
    )


def _ask_again(items: Sequence[ItemView]) -> list[Element]:
    return [_button("Ask again", Action.ASK_AGAIN, each, len(items)) for each in items]


def _send_again(items: Sequence[ItemView]) -> list[Element]:
    return [_button("Send again", Action.SEND_AGAIN, each, len(items)) for each in items if each.undelivered]


def _button(text: str, action: Action, item: ItemView, count: int) -> Element:
    name = item.environment.slot_name
    label = f"{text}: {item.number}, {name}"
    return button(
        text if count == 1 else f"{text}: {name}",
        f"{action}:{item.id}" if count > 1 else action,
        str(item.id),
        accessibility_label=label,
    )


def _short_help(told: Told) -> Words:
    return helping.short(told.connection, told.desk.policy, told.delivery.person_id or 0), []


NOTICES: Final[Mapping[str, Callable[[Told], Words]]] = {
    "registered": _registered,
    "registration_undone": _undone,
    "released": _released,
    "serial_changed": _serial_changed,
    "version_changed": _version_changed,
    "foreign_serial": _foreign_serial,
    "roles_resting": _roles_resting,
    "forwarded": _forwarded,
    "declined": _declined,
    "withdrawn": _withdrawn,
    "expired": _expired,
    "closed": _closed,
    "escalated": _escalated,
    "not_delivered": _not_delivered,
    "operator_took_file": _operator_took_file,
    "delivery_failed": _delivery_failed,
    "short_help": _short_help,
}
