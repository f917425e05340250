"""The modal in which license files are asked for: what it offers, how it is drawn, what was entered."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from handlers import choosing, phrases, words
from handlers.blocks import state
from handlers.blocks.ids import Action, BlockId, Callback, keyed
from handlers.blocks.kit import (
    Block,
    Element,
    Option,
    View,
    actions,
    button,
    checkboxes,
    input_block,
    modal,
    multi_select,
    option,
    section,
    select,
    text_input,
)
from handlers.blocks.state import Values
from handlers.blocks.text import date, plain, quote
from handlers.choosing import MOST_LISTED, Purpose
from handlers.menus import environment_option, environments_menu, infrastructure_menu, is_many
from handlers.outcomes import who_will_be_asked
from handlers.payloads import number
from handlers.visitors import Visitor
from handlers.words.pens import counted, span
from store import asking, entitlement, infrastructures, slots
from store.desk import Policy
from store.held_files import are_held
from store.infrastructures import Infrastructure, Seen
from store.request_changes import file_waits_until
from store.rules.environments import EnvironmentType
from store.rules.errors import Refusal
from store.rules.request_errors import LONGEST_REASON, MOST_ENVIRONMENTS
from store.rules.rights import RoleName
from store.rules.terms import TermState
from store.slots import Environment

REQUESTING: Final = Purpose(
    "request", lambda rights: rights.registers, frozenset(RoleName) - {RoleName.AUDITOR, RoleName.OPERATOR}
)
_LONGEST_TYPED: Final = 80
_OF_HELD: Final = "The vendor makes the files here; one that is not uploaded yet follows once it is."
URGENT: Final = "urgent"
"""The value of the choice that says that production is down."""


@dataclass(frozen=True, slots=True)
class Form:
    """What the modal offers.

    `offered` are infrastructures to choose from; where there are `many`, others are found by typing. `chosen` is
    one of them with its registered `environments`, of which those with the registration ids `picked` are chosen.
    `refused` says why nothing can be asked for there, `next_step` what happens when it is sent in.
    """

    offered: tuple[Seen, ...]
    chosen: Seen
    environments: tuple[Environment, ...]
    picked: tuple[int, ...]
    reason: str | None
    refused: Refusal | None
    next_step: str
    many: bool = False


def places(connection: Connection, visitor: Visitor, named: str = "") -> list[Seen]:
    """Where the visitor may ask for files, one more than a menu holds at most.

    Raises `NotAssociated`, `NoRight` for somebody who only reads, and `CloudNeedsNothing`.
    """
    seen = infrastructures.seen_with(connection, visitor.held, limit=MOST_LISTED + 1, named=named)
    if not seen and not named:
        raise infrastructures.not_associated(connection, visitor.person.id)
    return choosing.where_allowed(connection, seen, REQUESTING) if seen else []


def gather(
    connection: Connection,
    visitor: Visitor,
    chosen: Seen,
    picked: Sequence[int] = (),
    reason: str | None = None,
) -> Form:
    """Read what can be offered in an infrastructure, and the others that may be chosen instead of it.

    Raises `NoRight` and `CloudNeedsNothing`; and when there is no other infrastructure, what is wrong with the
    subscription.
    """
    choosing.where_allowed(connection, [chosen], REQUESTING)
    listed = places(connection, visitor)
    offered, many = tuple(listed), is_many(listed)
    refused = _refused(chosen.infrastructure, visitor)
    if refused and len(offered) == 1:
        raise refused
    registered = () if refused else _registered(connection, chosen.infrastructure, picked)
    next_step = _next_step(connection, visitor, chosen) if registered else ""
    return Form(offered, chosen, registered, tuple(picked), reason, refused, next_step, many)


def first(connection: Connection, visitor: Visitor, listed: Sequence[Seen]) -> Seen:
    """The infrastructure to begin with: one with something registered and a good subscription, if there is one."""
    capacity = slots.capacity(connection, [each.infrastructure.id for each in listed])

    def rank(each: Seen) -> tuple[bool, bool]:
        taken = any(counted.taken for counted in capacity.get(each.infrastructure.id, []))
        return _refused(each.infrastructure, visitor) is not None, not taken

    return min(listed, key=rank)


def draw(form: Form, visitor: Visitor) -> View:
    """The modal: to ask, or saying why nothing can be asked for in this infrastructure."""
    if form.refused:
        return _told(form, words.of(form.refused, visitor.desk.policy))
    if not form.environments:
        name = quote(form.chosen.infrastructure.name, phrases.LONGEST_NAME)
        said = f"No environment of {name} is registered yet, so there is no license to ask for. Register one first."
        register = button("Register an environment", Action.REGISTER, style="primary")
        return _told(form, said, register)
    direct = form.chosen.rights.gets_files_directly
    blocks = [
        _infrastructure(form),
        _environments(form),
        _reason(form.reason, direct=direct),
        *_urgent(form, visitor.desk.policy),
        section(form.next_step),
    ]
    return modal(Callback.REQUEST, _title(form), blocks, submit="Get the files" if direct else "Ask")


def read_environments(entered: Values) -> list[int]:
    """The registration ids chosen. Raises BadPayload for anything else."""
    return [number(each) for each in state.texts(entered, BlockId.ENVIRONMENTS)]


def read_reason(entered: Values) -> str | None:
    """The reason as it was typed."""
    return state.text(entered, BlockId.REASON)


def read_urgent(entered: Values) -> bool:
    """Whether it was said that production is down."""
    return URGENT in state.texts(entered, BlockId.URGENT)


def _refused(infrastructure: Infrastructure, visitor: Visitor) -> Refusal | None:
    try:
        entitlement.good_term(infrastructure, visitor.now)
    except Refusal as refusal:
        return refusal
    return None


def _registered(
    connection: Connection, infrastructure: Infrastructure, picked: Sequence[int]
) -> tuple[Environment, ...]:
    """One more than a menu holds at most, since there may be thousands; those picked are always among them."""
    listed = slots.registered(connection, [infrastructure.id], MOST_LISTED + 1)
    missing = set(picked) - {_id(each) for each in listed}
    return (*slots.environments_of(connection, missing).values(), *listed)


def _title(form: Form) -> str:
    return "Get license files" if form.chosen.rights.gets_files_directly else "Request a license"


def _told(form: Form, said: str, *buttons: Element) -> View:
    """The modal without anything to send in; another infrastructure can still be chosen."""
    chosen = form.chosen.infrastructure
    blocks: list[Block] = [section(said)]
    if buttons:
        blocks.append(actions(buttons))
    if len(form.offered) > 1:
        # A field would need a button to send it in, and there is nothing to send.
        menu = _menu(form)
        block_id = keyed(BlockId.INFRASTRUCTURE, chosen.id)
        blocks.append(section("Infrastructure:", menu, block_id))
    return modal(Callback.REQUEST, _title(form), blocks, close="Close")


def _infrastructure(form: Form) -> Block:
    chosen = form.chosen.infrastructure
    if len(form.offered) == 1:
        name, company = (quote(each, phrases.LONGEST_NAME) for each in (chosen.name, chosen.company_name))
        return section(f"Infrastructure: {name} ({company})")
    return input_block("Infrastructure", _menu(form), BlockId.INFRASTRUCTURE, dispatch=True)


def _menu(form: Form) -> Element:
    chosen = form.chosen.infrastructure
    if form.many:
        return infrastructure_menu(Action.REQUEST_INFRASTRUCTURE, (), chosen, many=True)
    return select(Action.REQUEST_INFRASTRUCTURE, _offered(form), initial=str(chosen.id))


def _offered(form: Form) -> list[Option]:
    chosen = form.chosen.infrastructure.id
    others = [each for each in form.offered if each.infrastructure.id != chosen]
    listed = sorted([form.chosen, *others[: MOST_LISTED - 1]], key=lambda each: each.infrastructure.name)
    return [
        option(
            plain(each.infrastructure.name),
            str(each.infrastructure.id),
            plain(each.infrastructure.company_name),
        )
        for each in listed
    ]


def _environments(form: Form) -> Block:
    environments = {_id(each): each for each in form.environments}
    picked = [environments[each] for each in form.picked if each in environments][:MOST_ENVIRONMENTS]
    if is_many(form.environments):
        menu = environments_menu(form.chosen.infrastructure.id, picked, MOST_ENVIRONMENTS)
    else:
        menu = multi_select(
            Action.REQUEST_ENVIRONMENTS,
            [environment_option(each) for each in environments.values()],
            placeholder="Choose environments",
            initial=[str(_id(each)) for each in picked],
            most=MOST_ENVIRONMENTS,
        )
    # Another infrastructure has other environments: with the same block id Slack would keep the old choice.
    block_id = keyed(BlockId.ENVIRONMENTS, form.chosen.infrastructure.id)
    return input_block("Environments", menu, block_id, hint=f"Up to {MOST_ENVIRONMENTS} in one request.")


def _id(each: Environment) -> int:
    return each.registration.id if each.registration else 0


def _reason(entered: str | None, *, direct: bool) -> Block:
    hint = "It is kept in the history." if direct else "Those who are asked will read it."
    field = text_input(
        Action.REASON, "For example: upgrade to 11.17", entered, multiline=True, longest=LONGEST_REASON
    )
    return input_block("Reason", field, BlockId.REASON, hint=hint, optional=direct)


def _urgent(form: Form, policy: Policy) -> list[Block]:
    """The choice to say that production is down, where there is production and somebody has to be asked."""
    production = any(each.environment_type is EnvironmentType.PRODUCTION for each in form.environments)
    if not production or not policy.urgent_requests or form.chosen.rights.gets_files_directly:
        return []
    field = checkboxes(Action.URGENT, [option("Production is down", URGENT)])
    hint = (
        f"For production environments only, {counted(policy.urgent_requests, 'time')} in "
        f"{span(policy.urgent_period)}. After {span(policy.request_spans.admins_if_urgent)} the company admins are "
        "asked, too, at any hour."
    )
    return [input_block("Urgent", field, BlockId.URGENT, hint=hint, optional=True)]


def _next_step(connection: Connection, visitor: Visitor, seen: Seen) -> str:
    if seen.rights.gets_files_directly:
        said = "Nobody has to be asked: the files come at once, as direct messages from License Desk."
    else:
        asked = asking.who_is_asked(
            connection,
            seen.infrastructure,
            visitor.person.id,
            visitor.now,
            mails=visitor.desk.policy.mails,
        )
        said = who_will_be_asked(asked)
    made = _OF_HELD if are_held(seen.infrastructure) else ""
    return " ".join(each for each in (_term(seen.infrastructure, visitor), made, said) if each)


def _term(infrastructure: Infrastructure, visitor: Visitor) -> str:
    term, waits_until = infrastructure.term, file_waits_until(infrastructure, visitor.now)
    if waits_until:
        return f"The subscription starts {phrases.on(waits_until)}; files come then."
    if term and term.expires_at and term.state(visitor.now) is TermState.IN_GRACE:
        return f"The subscription has ended; everything works in grace until {date(term.expires_at)}."
    return ""
