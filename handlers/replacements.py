"""No slot is free: one environment is released and another registered in its place, from one modal in one step."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from handlers import choosing, menus, phrases, registration_form
from handlers.answers import Answer, Open, say
from handlers.blocks import state
from handlers.blocks.ids import Action, BlockId, Callback
from handlers.blocks.kit import Block, View, context, input_block, modal, option, section, select, text_input
from handlers.blocks.state import BadPayload
from handlers.blocks.text import last_day, quote
from handlers.choosing import Purpose
from handlers.outcomes import outcome
from handlers.payloads import Click, Submission
from handlers.registration import registered_answer
from handlers.registration_form import Entered
from handlers.visitors import Visitor
from store import history, infrastructures, people, replacements, requests, slots
from store.history import Change
from store.infrastructures import Seen
from store.people import Person
from store.replacements import Replaced
from store.rules.environments import EnvironmentType
from store.rules.request_errors import LONGEST_REASON
from store.rules.rights import RELEASERS, RoleName
from store.slots import Environment, Registration

_REPLACING: Final = Purpose("release", lambda rights: rights.releases, RELEASERS - {RoleName.OPERATOR})
_MOST_TOLD: Final = 20
_IN_A_SECTION: Final = 4


@dataclass(frozen=True, slots=True)
class Taken:
    """A taken slot, with what somebody looks at who has to choose one to release."""

    environment: Environment
    registration: Registration
    registrant: Person | None
    license: str
    change: Change | None


@dataclass(frozen=True, slots=True)
class Form:
    """What the modal is drawn from: the taken slots of one type of an infrastructure, and what was typed."""

    seen: Seen
    environment_type: EnvironmentType
    taken: Sequence[Taken]
    entered: Entered

    @property
    def needs_operators(self) -> bool:
        """Whether a release has to be confirmed, so that nothing is registered in the same step."""
        return _needs_operators(self.seen)


def replace_click(visitor: Visitor, click: Click) -> Answer:
    """The modal for the infrastructure of the button and the type chosen around it; what was typed is kept."""
    entered = registration_form.read(click.entered or {})
    with visitor.read() as connection:
        seen = infrastructures.seen(connection, visitor.person.id, click.number)
        choosing.where_allowed(connection, [seen], _REPLACING)
        environments = _of_type(connection, seen, entered.environment_type)
        if not environments:
            return say(
                "A slot of this type is free by now. Nothing has changed. Start again with `/license register`."
            )
        kind = environments[0].environment_type
        return Open(_view(Form(seen, kind, _told(connection, environments), entered)))


def replace_submission(visitor: Visitor, submission: Submission) -> Answer:
    """Release and register in one step; where releases are confirmed, ask the operators for the release alone."""
    reason = state.text(submission.entered, BlockId.REASON) or ""
    entered = registration_form.read(_typed(submission))
    registration_id = choosing.chosen(submission)
    with visitor.read() as connection:
        asks = _asks(connection, visitor, registration_id)
    if asks:
        asked = requests.ask_release(visitor.desk, visitor.actor, registration_id, reason, submission.view_id)
        return outcome(
            asked, then="Your new environment is not registered yet: register it once the slot is free."
        )
    made = replacements.release_and_register(
        visitor.desk, visitor.actor, registration_id, entered.serial, entered.version, reason
    )
    return registered_answer(visitor, made.registered, also=_after(visitor, made))


def _typed(submission: Submission) -> state.Values:
    fields = (BlockId.SERIAL, BlockId.VERSION)
    return {name: field for name, field in submission.entered.items() if name in fields}


def _asks(connection: Connection, visitor: Visitor, registration_id: int) -> bool:
    environment = slots.environments_of(connection, [registration_id]).get(registration_id)
    if environment is None:
        return False
    return _needs_operators(
        infrastructures.seen(connection, visitor.person.id, environment.infrastructure_id)
    )


def _needs_operators(seen: Seen) -> bool:
    return seen.infrastructure.flagged and RoleName.OPERATOR not in seen.rights.roles


def _of_type(connection: Connection, seen: Seen, wanted: EnvironmentType | None) -> list[Environment]:
    """The taken slots of a type, none when one of them is free; without a type, those of the only one there is."""
    found = slots.of_infrastructure(connection, seen.infrastructure.id)
    types = {each.environment_type for each in found}
    kind = wanted or (types.pop() if len(types) == 1 else None)
    if kind is None:
        raise BadPayload("no environment type around the button")
    of_type = [each for each in found if each.environment_type == kind]
    return of_type if all(each.registration for each in of_type) else []


def _told(connection: Connection, environments: Sequence[Environment]) -> list[Taken]:
    registered = [(each, each.registration) for each in environments if each.registration]
    ends = slots.license_ends(connection, [registration.id for _, registration in registered])
    changes = history.last_changes(connection, [each.slot_id for each, _ in registered])
    known = people.get_many(connection, {registration.registrant_id for _, registration in registered})
    return [
        Taken(
            each,
            registration,
            known.get(registration.registrant_id),
            _licensed(ends[registration.id]) if registration.id in ends else "no license yet",
            changes.get(each.slot_id),
        )
        for each, registration in registered
    ]


def _licensed(end: datetime | None) -> str:
    return f"licensed until {last_day(end)}" if end else "licensed without an end"


def _view(form: Form) -> View:
    blocks = [section(_what_happens(form)), *_lines(form.taken), *_fields(form)]
    submit = "Ask the operators" if form.needs_operators else "Release and register"
    return modal(Callback.REPLACE, "Release and register", blocks, submit=submit)


def _what_happens(form: Form) -> str:
    kind, name = form.environment_type.short, quote(form.seen.infrastructure.name, phrases.LONGEST_NAME)
    stays = (
        "The old license file stays technically valid on the old server until the date in it: remove it there. "
        "Requests for the environment that wait for an answer are closed."
    )
    if form.needs_operators:
        return (
            f"Every {kind} slot of {name} is taken. Releases there are confirmed by the operators: choose an "
            f"environment, and they are asked first. Register the new one once its slot is free. {stays}"
        )
    return (
        f"Every {kind} slot of {name} is taken. Choose the environment that is no longer used: it is released, and the "
        f"new one is registered in its slot, in one step. {stays}"
    )


def _lines(taken: Sequence[Taken]) -> Iterator[Block]:
    shown = taken[:_MOST_TOLD]
    for start in range(0, len(shown), _IN_A_SECTION):
        yield section("\n".join(_line(each) for each in shown[start : start + _IN_A_SECTION]))
    if len(taken) > len(shown):
        yield context(f"The first {len(shown)} of {len(taken)} are shown.")


def _line(each: Taken) -> str:
    name, serial = quote(each.environment.slot_name, phrases.LONGEST_NAME), each.registration.serial
    registered = (
        f"registered {phrases.on(each.registration.registered_at)} by {phrases.name(each.registrant)}"
    )
    who = (
        (quote(each.change.who, phrases.LONGEST_NAME) if each.change.who else "the desk")
        if each.change
        else ""
    )
    change = f"; last change {phrases.on(each.change.at)} by {who}" if each.change else ""
    return f"*{name}*: {serial}; {registered}; {each.license}{change}"


def _fields(form: Form) -> Iterator[Block]:
    yield _environment(form)
    reason = text_input(
        Action.FIELD, "For example: server switched off", multiline=True, longest=LONGEST_REASON
    )
    hint = "It is kept in the history, and those who are told of the release can read it."
    yield input_block("Reason for the release", reason, BlockId.REASON, hint=hint)
    if not form.needs_operators:
        yield from registration_form.typed_fields(form.entered, form.seen.infrastructure.product)


def _environment(form: Form) -> Block:
    label = "Environment to release"
    if menus.is_many(form.taken):
        menu = menus.replaced_menu(form.seen.infrastructure.id, form.environment_type)
        return input_block(label, menu, BlockId.ENVIRONMENT)
    options = [
        option(each.environment.slot_name, str(each.registration.id), each.registration.serial)
        for each in form.taken
    ]
    return input_block(label, select(Action.FIELD, options, "Choose an environment"), BlockId.ENVIRONMENT)


def _after(visitor: Visitor, made: Replaced) -> str:
    registration = made.released.registration
    if registration is None:
        raise ValueError("what was released had a registration")
    with visitor.read() as connection:
        ends = slots.license_ends(connection, [registration.id])
    end = ends.get(registration.id)
    until = f", {last_day(end)}" if end else ""
    file = (
        f" Its license file stays technically valid on the old server until the date in it{until}: remove it there."
        if registration.id in ends
        else ""
    )
    return f"Released before: {registration.serial}. It can be registered again.{file}"
