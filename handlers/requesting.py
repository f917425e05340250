"""`/license request`: a modal for the license files of one to ten environments, and what asking came to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from handlers import phrases
from handlers.answers import Answer, Open, Replace, say, say_blocks
from handlers.blocks import state
from handlers.blocks.ids import Action, BlockId, Callback, keyed
from handlers.blocks.kit import (
    Block,
    Element,
    View,
    button,
    input_block,
    modal,
    multi_select,
    option,
    section,
    select,
    text_input,
)
from handlers.blocks.state import BadPayload
from handlers.blocks.text import date, quote
from handlers.payloads import Click, Command, Shortcut, Submission, number
from handlers.visitors import Visitor
from store import asking, infrastructures, requests, slots
from store.asking import Asked
from store.infrastructures import Infrastructure, Seen
from store.new_requests import Outcome
from store.rules.errors import FieldError
from store.rules.registration_errors import CloudNeedsNothing
from store.rules.request_errors import LONGEST_REASON, MOST_ENVIRONMENTS
from store.rules.serials import parse_serial
from store.rules.terms import TermState
from store.slots import Environment

MOST_LISTED: Final = 100


@dataclass(frozen=True, slots=True)
class Choice:
    """What the modal offers: the infrastructures, the chosen one's registered environments, those chosen."""

    offered: tuple[Seen, ...]
    chosen: Seen
    environments: tuple[Environment, ...]
    picked: tuple[int, ...] = ()  # registration ids


def request_command(visitor: Visitor, command: Command) -> Answer:
    """Open the modal, with the environment filled in that was named by serial number or name."""
    with visitor.read() as connection:
        offered = _offered(connection, visitor)
        if not command.rest:
            return _opened(connection, visitor, offered, None)
        return _named(connection, visitor, offered, command.rest)


def request_shortcut(visitor: Visitor, _shortcut: Shortcut) -> Answer:
    """Open the modal from the shortcuts menu."""
    with visitor.read() as connection:
        return _opened(connection, visitor, _offered(connection, visitor), None)


def request_click(visitor: Visitor, click: Click) -> Answer:
    """Get the license, or open the modal to ask for it, of the registration that a button names."""
    with visitor.read() as connection:
        offered = _offered(connection, visitor)
        found = slots.environments_of(connection, [click.number]).get(click.number)
        seen = _seen_of(offered, found)
        if found is None or seen is None:
            raise infrastructures.not_associated(connection, visitor.person.id)
        if not seen.rights.gets_files_directly:
            return Open(_modal(connection, visitor, _choice(connection, offered, seen, (click.number,))))
    return outcome(requests.ask(visitor.desk, visitor.actor, [click.number], ""))


def infrastructure_changed(visitor: Visitor, click: Click) -> Answer:
    """Draw the modal anew for the infrastructure chosen in it; the reason stays."""
    with visitor.read() as connection:
        offered = _offered(connection, visitor)
        seen = next((each for each in offered if each.infrastructure.id == click.number), None)
        if seen is None:
            raise infrastructures.not_associated(connection, visitor.person.id)
        reason = state.text(click.entered or {}, BlockId.REASON)
        return Replace(_modal(connection, visitor, _choice(connection, offered, seen, ()), reason))


def request_submission(visitor: Visitor, submission: Submission) -> Answer:
    """Ask for the environments chosen; the same submission again is the same request."""
    wanted = [number(each) for each in state.texts(submission.entered, BlockId.ENVIRONMENTS)]
    reason = state.text(submission.entered, BlockId.REASON) or ""
    return outcome(requests.ask(visitor.desk, visitor.actor, wanted, reason, submission.view_id))


def outcome(made: Outcome) -> Answer:
    """Say what asking came to, and what happens next."""
    sentences = [*_direct(made), *_put(made), *_pending(made)]
    return say_blocks(sentences[0], [section("\n".join(sentences))], title="License")


def who_will_be_asked(asked: Asked | None) -> str:
    """Whom a request would be put to, by name and number."""
    if asked is None:
        return (
            "Nobody who may forward this license can be reached in Slack right now, so it cannot be asked for here. "
            "Please speak to your company admins."
        )
    names = [phrases.name(each) for each in asked.people]
    people = "1 person" if len(names) == 1 else f"{len(names)} people"
    skipped = [phrases.name(each) for each in asked.skipped]
    unreached = f" Not in Slack or not active: {phrases.listed(skipped)}." if skipped else ""
    return f"This asks {people}, any of whom can forward it: {phrases.listed(names)}.{unreached}"


def _offered(connection: Connection, visitor: Visitor) -> tuple[Seen, ...]:
    seen = infrastructures.seen_by(connection, visitor.person.id)
    if not seen:
        raise infrastructures.not_associated(connection, visitor.person.id)
    return tuple(seen)


def _seen_of(offered: Sequence[Seen], environment: Environment | None) -> Seen | None:
    wanted = environment.infrastructure_id if environment else None
    return next((each for each in offered if each.infrastructure.id == wanted), None)


def _registered(connection: Connection, seen: Seen) -> tuple[Environment, ...]:
    found = slots.of_infrastructure(connection, seen.infrastructure.id)
    return tuple(each for each in found if each.registration)


def _choice(
    connection: Connection, offered: tuple[Seen, ...], chosen: Seen, picked: tuple[int, ...]
) -> Choice:
    return Choice(_on_premises(offered), chosen, _registered(connection, chosen), picked)


def _on_premises(offered: Sequence[Seen]) -> tuple[Seen, ...]:
    return tuple(each for each in offered if not each.infrastructure.is_cloud and each.rights.registers)


def _named(connection: Connection, visitor: Visitor, offered: tuple[Seen, ...], typed: str) -> Answer:
    try:
        serial: str | None = parse_serial(typed)
    except FieldError:
        serial = None
    ids = [each.infrastructure.id for each in offered]
    found = slots.find(connection, ids, serial or typed)
    if found:
        seen = _seen_of(offered, found[0])
        picked = tuple(
            each.registration.id
            for each in found
            if each.registration and seen and (each.infrastructure_id == seen.infrastructure.id)
        )
        return _opened(connection, visitor, offered, seen, picked)
    by_name = [each for each in offered if typed.casefold() in each.infrastructure.name.casefold()]
    if by_name:
        return _opened(connection, visitor, offered, by_name[0])
    return _not_registered(typed, serial)


def _not_registered(typed: str, serial: str | None) -> Answer:
    if serial is None:
        return say(
            f"I found no registered environment called “{quote(typed, 80)}”. Nothing was asked for. "
            "Type `/license environments` to see what is registered."
        )
    register = button("Register it", Action.REGISTER, serial, style="primary")
    return say(
        f"The serial number {serial} is not registered yet, so there is no license for it to ask for. "
        "Register the environment first; the serial number is filled in for you.",
        register,
    )


def _opened(
    connection: Connection,
    visitor: Visitor,
    offered: tuple[Seen, ...],
    chosen: Seen | None,
    picked: tuple[int, ...] = (),
) -> Answer:
    places = _on_premises(offered)
    if (chosen and chosen.infrastructure.is_cloud) or not places:
        cloud = next((each.infrastructure for each in offered if each.infrastructure.is_cloud), None)
        if cloud is None:
            return say("You can read here, but not ask for licenses. Your company admins can change that.")
        raise CloudNeedsNothing(cloud.id, cloud.name)
    if len(places) > MOST_LISTED and chosen is None:
        return say(
            f"You see {len(places)} infrastructures. Please name one, or an environment: `/license request NAME`."
        )
    choice = _first_with_environments(connection, places, chosen, picked)
    if not choice.environments:
        return say(
            f"No environment of {quote(choice.chosen.infrastructure.name, 80)} is registered yet, so there is no "
            "license to ask for. Register one first.",
            button("Register an environment", Action.REGISTER, style="primary"),
        )
    return Open(_modal(connection, visitor, choice))


def _first_with_environments(
    connection: Connection, places: tuple[Seen, ...], chosen: Seen | None, picked: tuple[int, ...]
) -> Choice:
    if chosen is not None:
        return _choice(connection, places, chosen, picked)
    registered = slots.capacity(connection, [each.infrastructure.id for each in places])
    taken = [each for each in places if any(c.taken for c in registered.get(each.infrastructure.id, []))]
    return _choice(connection, places, (taken or list(places))[0], picked)


def _modal(connection: Connection, visitor: Visitor, choice: Choice, reason: str | None = None) -> View:
    blocks: list[Block] = []
    if len(choice.offered) > 1:
        blocks.append(_infrastructure_input(choice))
    if choice.environments:
        blocks += [_environments_input(choice), _reason_input(choice.chosen, reason)]
    else:
        blocks.append(section(f"No environment of {_called(choice)} is registered yet. Choose another one."))
        return modal(Callback.REQUEST, "Request a license", blocks, submit="Close", close="Cancel")
    blocks.append(section(_what_happens(connection, visitor, choice.chosen)))
    submit = "Get the files" if choice.chosen.rights.gets_files_directly else "Ask"
    return modal(Callback.REQUEST, "Request a license", blocks, submit=submit)


def _called(choice: Choice) -> str:
    return quote(choice.chosen.infrastructure.name, 80)


def _infrastructure_input(choice: Choice) -> Block:
    listed = [choice.chosen, *(each for each in choice.offered if each != choice.chosen)][:MOST_LISTED]
    options = [
        option(each.infrastructure.name, str(each.infrastructure.id), each.infrastructure.company_name)
        for each in sorted(listed, key=lambda each: each.infrastructure.name)
    ]
    element = select(Action.REQUEST_INFRASTRUCTURE, options, initial=str(choice.chosen.infrastructure.id))
    return input_block("Infrastructure", element, BlockId.INFRASTRUCTURE, dispatch=True)


def _environments_input(choice: Choice) -> Block:
    picked = [each for each in choice.environments if _id(each) in choice.picked]
    others = [each for each in choice.environments if _id(each) not in choice.picked]
    options = [_environment_option(each) for each in [*picked, *others][:MOST_LISTED]]
    element = multi_select(
        Action.REQUEST_ENVIRONMENTS,
        options,
        placeholder="Choose environments",
        initial=[str(_id(each)) for each in picked[:MOST_ENVIRONMENTS]],
        most=MOST_ENVIRONMENTS,
    )
    # Another infrastructure has other environments: with the same block id Slack would keep the old choice.
    block_id = keyed(BlockId.ENVIRONMENTS, choice.chosen.infrastructure.id)
    more = len(choice.environments) - MOST_LISTED
    hint = f"Up to {MOST_ENVIRONMENTS} in one request."
    if more > 0:
        hint += f" {more} more are not listed: type /license request NAME for one of them."
    return input_block("Environments", element, block_id, hint=hint)


def _environment_option(each: Environment) -> Element:
    serial = each.registration.serial if each.registration else ""
    return option(f"{each.slot_name} ({each.environment_type.short})", str(_id(each)), serial)


def _id(each: Environment) -> int:
    if each.registration is None:
        message = "only registered environments are offered"
        raise BadPayload(message)
    return each.registration.id


def _reason_input(seen: Seen, reason: str | None) -> Block:
    direct = seen.rights.gets_files_directly
    hint = "Optional; it is kept in the history." if direct else "Those who are asked will read it."
    element = text_input(
        Action.REASON, "For example: upgrade to 11.17", reason or None, multiline=True, longest=LONGEST_REASON
    )
    return input_block("Reason", element, BlockId.REASON, hint=hint, optional=direct)


def _what_happens(connection: Connection, visitor: Visitor, seen: Seen) -> str:
    said = [_term_note(seen.infrastructure, visitor)]
    if seen.rights.gets_files_directly:
        said.append(
            "You have the right to these files: they come at once, as direct messages from License Desk."
        )
    else:
        asked = asking.who_is_asked(connection, seen.infrastructure, visitor.person.id, visitor.now)
        said.append(who_will_be_asked(asked))
    return " ".join(each for each in said if each)


def _term_note(infrastructure: Infrastructure, visitor: Visitor) -> str:
    term = infrastructure.term
    if term and term.expires_at and term.state(visitor.now) is TermState.IN_GRACE:
        return f"The subscription has ended; everything works in grace until {date(term.expires_at)}."
    return ""


def _direct(made: Outcome) -> list[str]:
    if not made.direct:
        return []
    what = phrases.files_of(made.direct)
    if made.waits_until:
        return [f"{made.number}: {what} will come when the subscription starts, {date(made.waits_until)}."]
    return [f"{made.number}: {what} is on its way to your direct messages with License Desk."]


def _put(made: Outcome) -> list[str]:
    if not made.put or not made.asked:
        return []
    names = phrases.listed([phrases.name(each) for each in made.asked.people])
    skipped = [phrases.name(each) for each in made.asked.skipped]
    lines = [
        f"{made.number}: I asked {names} for {phrases.environments(made.put)}. Any one of them can answer.",
        "You are told here as soon as somebody does. Type `/license requests` to follow or withdraw it.",
    ]
    if made.waits_until:
        lines.append(f"The subscription starts on {date(made.waits_until)}; a file comes then.")
    if skipped:
        lines.append(f"Not reached, because they are not active in Slack: {phrases.listed(skipped)}.")
    return lines


def _pending(made: Outcome) -> list[str]:
    return [
        f"{each.number} already asks for {phrases.environment(each.environment)}; it is waiting for an answer."
        for each in made.already_pending
    ]
