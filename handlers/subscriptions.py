"""`/license subscription`: how terms stand; operators renew, suspend and reinstate them."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection

from handlers import phrases, renewal_form
from handlers.answers import Answer, FieldErrors, Open, say, say_blocks
from handlers.blocks import state
from handlers.blocks.ids import Action, BlockId, Callback
from handlers.blocks.kit import (
    Block,
    Element,
    View,
    actions,
    button,
    context,
    input_block,
    modal,
    section,
    text_input,
)
from handlers.blocks.text import last_day, plain, quote
from handlers.memory import recall, remember
from handlers.menus import another_menu
from handlers.payloads import Click, Command, Submission, number
from handlers.renewal_form import Unfilled
from handlers.subscription_phrases import getting, place, standing
from handlers.visitors import Visitor
from handlers.words.pens import counted
from store import infrastructures, people, reissue_recipients, renewals, slots, subscriptions
from store.infrastructures import Infrastructure, Seen
from store.reissue_recipients import Recipient
from store.rules.request_errors import LONGEST_REASON
from store.rules.rights import RoleName
from store.rules.seeing_errors import NoRight

_MOST_SHOWN: Final = 10


def subscription_command(visitor: Visitor, command: Command) -> Answer:
    """`/license subscription [infrastructure]`: the terms of those whose name has the words typed."""
    with visitor.read() as connection:
        seen = infrastructures.seen_with(connection, visitor.held, limit=_MOST_SHOWN + 1, named=command.rest)
        if not seen and not infrastructures.seen_with(connection, visitor.held, limit=1):
            raise infrastructures.not_associated(connection, visitor.person.id)
    if not seen:
        return say(
            f"None of your infrastructures is called “{quote(command.rest, phrases.LONGEST_NAME)}”. "
            "Type `/license subscription` for all of them."
        )
    return _listed(visitor, seen)


def renew_click(visitor: Visitor, click: Click) -> Answer:
    """The modal that renews a subscription."""
    with visitor.read() as connection:
        infrastructure = _operated(connection, visitor, click.number, "renew")
        follows = _what_follows(_recipients(connection, infrastructure.id))
        counts = slots.capacity(connection, [infrastructure.id]).get(infrastructure.id, [])
        return Open(renewal_form.draw(infrastructure, counts, follows))


def suspend_click(visitor: Visitor, click: Click) -> Answer:
    """The modal that suspends a subscription."""
    with visitor.read() as connection:
        return Open(_suspend_view(_operated(connection, visitor, click.number, "suspend")))


def reinstate_click(visitor: Visitor, click: Click) -> Answer:
    """The modal that ends a suspension."""
    with visitor.read() as connection:
        infrastructure = _operated(connection, visitor, click.number, "reinstate")
        return Open(_reinstate_view(infrastructure, _recipients(connection, infrastructure.id)))


def renew_submission(visitor: Visitor, submission: Submission) -> Answer:
    """Renew; the license files follow by themselves."""
    try:
        renewal = renewal_form.read(submission.entered)
    except Unfilled as unfilled:
        return FieldErrors(unfilled.errors)
    done = renewals.renew(visitor.desk, visitor.actor, _chosen(submission), renewal)
    term = done.infrastructure.term
    until = (
        f"is renewed until {last_day(term.ends_at)}" if term and term.ends_at else "runs without an end now"
    )
    first = f"The subscription of {place(done.infrastructure)} {until}."
    return _followed(visitor, done.infrastructure, first, "Renewed", replaced=done.reissue_id is not None)


def suspend_submission(visitor: Visitor, submission: Submission) -> Answer:
    """Suspend, with a reason."""
    reason = state.text(submission.entered, BlockId.REASON) or ""
    done = subscriptions.suspend(visitor.desk, visitor.actor, _chosen(submission), reason)
    return say(
        f"The subscription of {place(done)} is suspended. Requests that waited are closed, and its contacts and "
        "administrators are told.",
        title="Suspended",
    )


def reinstate_submission(visitor: Visitor, submission: Submission) -> Answer:
    """End a suspension; new license files follow by themselves."""
    infrastructure_id = _chosen(submission)
    reissue_id = subscriptions.reinstate(visitor.desk, visitor.actor, infrastructure_id)
    with visitor.read() as connection:
        infrastructure = infrastructures.get(connection, infrastructure_id)
    first = f"The subscription of {place(infrastructure)} is no longer suspended."
    return _followed(visitor, infrastructure, first, "Reinstated", replaced=reissue_id is not None)


def _listed(visitor: Visitor, seen: Sequence[Seen]) -> Answer:
    shown = seen[:_MOST_SHOWN]
    summary = _first(visitor, shown[0].infrastructure) if len(seen) == 1 else "These are your subscriptions."
    blocks: list[Block] = [section(summary)] if len(seen) > 1 else []
    for each in shown:
        blocks += _block(visitor, each)
    if len(seen) > len(shown):
        blocks.append(
            context(f"The first {len(shown)} are shown. Name another one: `/license subscription NAME`.")
        )
        blocks.append(actions([another_menu("subscription")]))
    return say_blocks(summary, blocks)


def _block(visitor: Visitor, seen: Seen) -> list[Block]:
    infrastructure = seen.infrastructure
    lines = [_first(visitor, infrastructure)]
    if infrastructure.edition and infrastructure.highest_version:
        edition, highest = quote(infrastructure.edition, 80), quote(infrastructure.highest_version, 40)
        lines.append(f"Edition: {edition}, platform versions up to {highest}")
    who = infrastructure.account_manager
    lines.append(f"Account manager: {quote(who.name, 120)}, {quote(who.email, 254)}")
    buttons = _buttons(infrastructure) if RoleName.OPERATOR in seen.rights.roles else []
    return [section("\n".join(lines)), *([actions(buttons)] if buttons else [])]


def _first(visitor: Visitor, infrastructure: Infrastructure) -> str:
    if infrastructure.term is None and infrastructure.is_cloud:
        return f"{place(infrastructure)} is managed by the vendor and already active."
    return f"The subscription of {place(infrastructure)} {standing(infrastructure.term, visitor.now)}."


def _buttons(infrastructure: Infrastructure) -> list[Element]:
    term = infrastructure.term
    if term is None:
        return []
    value, name = str(infrastructure.id), plain(infrastructure.name)
    renew = button("Renew", Action.RENEW, value, accessibility_label=f"Renew {name}")
    if term.suspended:
        label = f"Reinstate {name}"
        other = button("Reinstate", Action.REINSTATE, value, accessibility_label=label)
    else:
        other = button("Suspend", Action.SUSPEND, value, accessibility_label=f"Suspend {name}")
    return [renew, other]


def _operated(connection: Connection, visitor: Visitor, infrastructure_id: int, what: str) -> Infrastructure:
    """An infrastructure that an operator is about to change. Raises `NotAssociated` and `NoRight`."""
    seen = infrastructures.seen(connection, visitor.person.id, infrastructure_id)
    if RoleName.OPERATOR not in seen.rights.roles:
        operators = tuple(each.name for each in people.operators(connection))
        raise NoRight(infrastructure_id, "subscription", what, operators[:3])
    return seen.infrastructure


def _recipients(connection: Connection, infrastructure_id: int) -> list[Recipient]:
    files = reissue_recipients.licensed(connection, infrastructure_id)
    return reissue_recipients.recipients(connection, infrastructure_id, files)


def _suspend_view(infrastructure: Infrastructure) -> View:
    reason = text_input(Action.FIELD, "For example: invoice overdue", multiline=True, longest=LONGEST_REASON)
    hint = "The contacts and administrators of the infrastructure will read it."
    blocks = [
        section(
            f"While {place(infrastructure)} is suspended, nothing can be registered, requested or delivered there, "
            "and what waits for an answer is closed. License files that are installed go on working until their date."
        ),
        input_block("Reason", reason, BlockId.REASON, hint=hint),
    ]
    memory = remember(infrastructure=infrastructure.id)
    return modal(Callback.SUSPEND, "Suspend", blocks, submit="Suspend", private_metadata=memory)


def _reinstate_view(infrastructure: Infrastructure, recipients: Sequence[Recipient]) -> View:
    blocks = [
        section(f"{place(infrastructure)} gets back everything that its subscription allows."),
        section(_what_follows(recipients)),
    ]
    memory = remember(infrastructure=infrastructure.id)
    return modal(Callback.REINSTATE, "Reinstate", blocks, submit="Reinstate", private_metadata=memory)


def _what_follows(recipients: Sequence[Recipient]) -> str:
    lines = getting(recipients)
    if not lines:
        return "No license file was made there yet, so none has to be replaced."
    return "\n".join(["Every license file is made anew and sent at once:", *lines])


def _followed(
    visitor: Visitor, infrastructure: Infrastructure, first: str, title: str, *, replaced: bool
) -> Answer:
    """What was done, and what follows it."""
    if infrastructure.term and infrastructure.term.suspended:
        return say(f"{first} It is still suspended, so nothing is sent before it is reinstated.", title=title)
    if not replaced:
        return say(f"{first} There is no license file to replace.", title=title)
    with visitor.read() as connection:
        recipients = _recipients(connection, infrastructure.id)
    files = {each for recipient in recipients for each in recipient.license_ids}
    sent = f"{counted(len(files), 'license file')} will be made anew and sent within a minute or so:"
    return say_blocks(first, [section("\n".join([first, sent, *getting(recipients)]))], title=title)


def _chosen(submission: Submission) -> int:
    return number(recall(submission.metadata).get("infrastructure"))
