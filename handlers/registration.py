"""Registering an environment: `/license register`, its modal, a change of version, and *Undo*."""

import re
from typing import Final

from sqlalchemy import Connection

from handlers import phrases, registration_form, words
from handlers.answers import Answer, Open, Replace, Say, say, say_blocks
from handlers.blocks.ids import Action, Callback
from handlers.blocks.kit import Block, Element, View, button, confirm, context, fields_lines, modal, section
from handlers.blocks.text import date, quote
from handlers.memory import recall, remember
from handlers.outcomes import who_will_be_asked
from handlers.payloads import Click, Command, Shortcut, Submission, number
from handlers.registration_form import Entered
from handlers.visitors import Visitor
from store import asking, infrastructures, people, registration_rows, registrations
from store.desk import record_refusal
from store.held_files import are_held
from store.infrastructures import Infrastructure
from store.reach import reach
from store.registrations import Registered
from store.rules.errors import DeskError
from store.rules.registration_errors import NoSlotFree, SlotTaken, VersionDiffers
from store.rules.rights import Rights
from store.rules.serials import is_serial, parse_serial
from store.rules.terms import TermState
from store.rules.versions import parse_version
from store.slots import Environment, Registration

_VERSION_AT_END: Final = re.compile(r"(.*?)\s+((?:version\s+)?\d+(?:\.\d+){2,3}.*)", re.IGNORECASE)
_CHOOSE_SLOT: Final = "Choose a slot, and press Register again. Nothing was registered yet."
_GET_NEXT: Final = "Next: get the license. The file comes at once, as a direct message from License Desk."
_ASK_NEXT: Final = "Next: request the license."
_OF_HELD: Final = "The vendor makes the license files here, each for one serial number. Next:"
_UPLOAD_NEXT: Final = (
    f"{_OF_HELD} upload the one for this serial number with `/license upload`, or get one that is there."
)
_ASK_NEXT_HELD: Final = f"{_OF_HELD} request the license; it comes once it is uploaded."


def register_command(visitor: Visitor, command: Command) -> Answer:
    """`/license register [serial] [version]`: the modal, filled in; for a serial number that is registered here
    what it is, and for one with another version the question whether that has changed.
    """
    serial, version = split(command.rest)
    with visitor.read() as connection:
        present = _registered_here(connection, visitor, serial)
        if present is None:
            return _opened(connection, visitor, Entered(serial=serial, version=version))
    return _known(visitor, present, version)


def register_shortcut(visitor: Visitor, _shortcut: Shortcut) -> Answer:
    """The same from the shortcuts menu."""
    with visitor.read() as connection:
        return _opened(connection, visitor, Entered())


def register_click(visitor: Visitor, click: Click) -> Answer:
    """The same from a button, which may carry a serial number that was asked for."""
    with visitor.read() as connection:
        return _opened(connection, visitor, Entered(serial=click.value))


def form_changed(visitor: Visitor, click: Click) -> Answer:
    """Draw the modal anew for the infrastructure or type chosen in it, with what was typed kept."""
    entered = registration_form.read(click.entered or {})
    with visitor.read() as connection:
        form = registration_form.gather(connection, visitor, entered)
        return Replace(registration_form.draw(form, visitor))


def register_submission(visitor: Visitor, submission: Submission) -> Answer:
    """Register; when the slot was taken meanwhile, the modal stays open with those that are free."""
    entered = registration_form.read(submission.entered)
    if entered.slot_id is None:
        return _again(visitor, entered, _CHOOSE_SLOT)
    try:
        made = registrations.register(
            visitor.desk, visitor.actor, entered.slot_id, entered.serial, entered.version
        )
    except VersionDiffers as differs:
        return Open(
            _version_view(differs.registration_id, differs.slot.name, differs.present, differs.wanted)
        )
    except (SlotTaken, NoSlotFree) as taken:
        return _again(visitor, entered, words.of(taken, visitor.desk.policy))
    return registered_answer(visitor, made)


def version_submission(visitor: Visitor, submission: Submission) -> Answer:
    """Change the version, as confirmed."""
    facts = recall(submission.metadata)
    registration_id, version = number(facts.get("registration")), facts.get("version", "")
    return registered_answer(
        visitor, registrations.change_version(visitor.desk, visitor.actor, registration_id, version)
    )


def undo_click(visitor: Visitor, click: Click) -> Answer:
    """Take back what the visitor registered just now."""
    environment = registrations.undo(visitor.desk, visitor.actor, click.number)
    name = quote(environment.slot_name, phrases.LONGEST_NAME)
    return say(
        f"Undone: {name} is free again, and its serial number can be registered anywhere.", title="Undone"
    )


def split(typed: str) -> tuple[str, str]:
    """A serial number and a version as they stand behind each other; either may have spaces in it."""
    found = _VERSION_AT_END.fullmatch(typed)
    if found and is_serial(found[1]):
        return found[1], found[2]
    if is_serial(typed):
        return typed, ""
    serial, _, version = typed.partition(" ")
    return serial, version.strip()


def next_step(
    connection: Connection, visitor: Visitor, infrastructure: Infrastructure, rights: Rights
) -> str:
    """What getting the license takes: nothing, or somebody's answer."""
    held = are_held(infrastructure)
    if rights.gets_files_directly:
        return _UPLOAD_NEXT if held else _GET_NEXT
    asked = asking.who_is_asked(
        connection, infrastructure, visitor.person.id, visitor.now, mails=visitor.desk.policy.mails
    )
    return f"{_ASK_NEXT_HELD if held else _ASK_NEXT} {who_will_be_asked(asked)}"


def license_button(environment: Environment, registration: Registration, rights: Rights) -> Element:
    """Get the license, or request it, by what somebody may do."""
    text = "Get the license" if rights.gets_files_directly else "Request the license"
    label = f"{text} of {environment.slot_name}"
    return button(text, Action.REQUEST, str(registration.id), style="primary", accessibility_label=label)


def _opened(connection: Connection, visitor: Visitor, entered: Entered) -> Answer:
    return Open(registration_form.draw(registration_form.gather(connection, visitor, entered), visitor))


def _again(visitor: Visitor, entered: Entered, notice: str) -> Answer:
    with visitor.read() as connection:
        form = registration_form.gather(connection, visitor, entered)
    refusal = form.refused or form.full
    if refusal:
        # The modal itself says so, with what to do instead.
        record_refusal(visitor.desk, visitor.actor, refusal, "register")
        return Open(registration_form.draw(form, visitor))
    return Open(registration_form.draw(form, visitor, notice))


def _registered_here(connection: Connection, visitor: Visitor, serial: str) -> Registered | None:
    """The open registration of a serial number where the visitor may know of it."""
    if not is_serial(serial):
        return None
    found = registration_rows.open_within(connection, reach(visitor.held), parse_serial(serial))
    if found is None:
        return None
    return Registered(found, infrastructures.get(connection, found.infrastructure_id), again=True)


def _known(visitor: Visitor, present: Registered, version: str) -> Answer:
    environment, registration = present.environment, _registration(present.environment)
    if not version or str(parse_version(version)) == registration.platform_version:
        return registered_answer(visitor, present)
    wanted = str(parse_version(version))
    return Open(_version_view(registration.id, environment.slot_name, registration.platform_version, wanted))


def _version_view(registration_id: int, slot: str, present: str, wanted: str) -> View:
    name = quote(slot, phrases.LONGEST_NAME)
    asked = (
        f"This serial number is registered in {name} with version {quote(present)}. Has its version changed to "
        f"{quote(wanted)}? Then press Change version. The license file is made anew when you ask for it."
    )
    memory = remember(registration=registration_id, version=wanted)
    return modal(
        Callback.CHANGE_VERSION,
        "Change version",
        [section(asked)],
        submit="Change version",
        private_metadata=memory,
    )


def registered_answer(visitor: Visitor, made: Registered, also: str = "") -> Say:
    """What is registered now, and the next step; `also` is what else was done."""
    with visitor.read() as connection:
        rights = people.rights_in(connection, visitor.person.id, made.infrastructure.id)
        step = next_step(connection, visitor, made.infrastructure, rights) if rights.registers else ""
    registration = _registration(made.environment)
    summary = _summary(made)
    blocks: list[Block] = [section(summary), _facts(registration)]
    blocks += [section(each) for each in (also, _term(visitor, made.infrastructure), step) if each]
    if made.undo_until:
        blocks.append(context(f"Wrong? Undo works until {date(made.undo_until)}, while no license was made."))
    buttons = [license_button(made.environment, registration, rights)] if rights.registers else []
    return say_blocks(summary, blocks, [*buttons, *_undo(made, registration)], title=_title(made))


def _title(made: Registered) -> str:
    return "Version changed" if made.version_changed else "Registered"


def _summary(made: Registered) -> str:
    name, place = phrases.environment(made.environment), quote(made.infrastructure.name, phrases.LONGEST_NAME)
    version = quote(_registration(made.environment).platform_version)
    if made.version_changed:
        return f"{name} of {place} has version {version} now."
    if made.again:
        return f"{name} of {place} is registered like this already; nothing has changed."
    return f"{name} of {place} is registered."


def _facts(registration: Registration) -> Block:
    return fields_lines(
        [("Serial number", registration.serial), ("Platform version", quote(registration.platform_version))]
    )


def _term(visitor: Visitor, infrastructure: Infrastructure) -> str:
    term = infrastructure.term
    if term and term.state(visitor.now) is TermState.NOT_STARTED:
        return f"The subscription starts on {date(term.starts_at)}; license files come then."
    if term and term.expires_at and term.state(visitor.now) is TermState.IN_GRACE:
        return f"The subscription has ended; everything works in grace until {date(term.expires_at)}."
    return ""


def _undo(made: Registered, registration: Registration) -> list[Element]:
    if made.undo_until is None:
        return []
    asked = confirm("Undo this registration?", "The slot becomes free again.", "Undo", "Keep it")
    label = f"Undo the registration of {made.environment.slot_name}"
    return [button("Undo", Action.UNDO, str(registration.id), confirm=asked, accessibility_label=label)]


def _registration(environment: Environment) -> Registration:
    if environment.registration is None:
        raise DeskError("an environment without a registration was shown as registered")
    return environment.registration
