"""Renaming a slot: from the list of environments or of slots, with one modal."""

from collections.abc import Sequence
from typing import Final

from handlers import choosing, menus, phrases
from handlers.answers import Answer, Open, say
from handlers.blocks import state
from handlers.blocks.ids import Action, BlockId, Callback
from handlers.blocks.kit import (
    Block,
    Element,
    View,
    button,
    input_block,
    modal,
    option,
    section,
    select,
    text_input,
)
from handlers.blocks.text import quote
from handlers.choosing import Purpose
from handlers.memory import recall, remember
from handlers.payloads import Click, Submission, number
from handlers.visitors import Visitor
from store import infrastructures, renames, slots
from store.infrastructures import Seen
from store.rules.rights import RELEASERS, RoleName
from store.rules.slot_errors import LONGEST_NAME
from store.slots import Environment

_RENAMING: Final = Purpose("rename", lambda rights: rights.renames, RELEASERS - {RoleName.OPERATOR})
_NOTE: Final = "No license file is made anew: the present one goes on being valid, with the old name in it."


def rename_click(visitor: Visitor, click: Click) -> Answer:
    """The modal for the slot of a button, or to choose one of its infrastructure."""
    with visitor.read() as connection:
        if click.kind.startswith("infrastructure"):
            seen = infrastructures.seen(connection, visitor.person.id, click.number)
            choosing.where_allowed(connection, [seen], _RENAMING)
            found = slots.of_infrastructure(connection, seen.infrastructure.id)
            return Open(_view(seen, found)) if found else say("There is no slot to rename here.")
        slot = slots.get_slot(connection, click.number)
        if slot is None:
            raise infrastructures.not_associated(connection, visitor.person.id)
        seen = infrastructures.seen(connection, visitor.person.id, slot.infrastructure_id)
        choosing.where_allowed(connection, [seen], _RENAMING)
        return Open(_view(seen, [slot]))


def rename_submission(visitor: Visitor, submission: Submission) -> Answer:
    """Rename; what was typed stays in the modal when it cannot be the name."""
    name = state.text(submission.entered, BlockId.NAME) or ""
    made = renames.rename(visitor.desk, visitor.actor, _chosen(submission), name)
    now, before = (quote(each, phrases.LONGEST_NAME) for each in (made.environment.slot_name, made.before))
    if made.environment.slot_name == made.before:
        return say(f"{now} is called so already; nothing has changed.", title="Renamed")
    return say(
        f"{before} is called {now} now. {_NOTE} To undo it, rename it back to {before}.",
        rename_button(made.environment),
        title="Renamed",
    )


def rename_button(slot: Environment) -> Element:
    """*Rename*, for one slot."""
    return button("Rename", Action.RENAME, str(slot.slot_id), accessibility_label=f"Rename {slot.slot_name}")


def _chosen(submission: Submission) -> int:
    return number(state.text(submission.entered, BlockId.SLOT) or recall(submission.metadata).get("slot"))


def _view(seen: Seen, found: Sequence[Environment]) -> View:
    one = found[0] if len(found) == 1 else None
    name = text_input(
        Action.FIELD, "For example: Quality 2", one.slot_name if one else None, longest=LONGEST_NAME
    )
    blocks = [*_slot(seen, found), input_block("New name", name, BlockId.NAME), section(_NOTE)]
    memory = remember(slot=one.slot_id) if one else ""
    return modal(Callback.RENAME, "Rename a slot", blocks, submit="Rename", private_metadata=memory)


def _slot(seen: Seen, found: Sequence[Environment]) -> list[Block]:
    place = quote(seen.infrastructure.name, phrases.LONGEST_NAME)
    if len(found) == 1:
        return [section(f"Slot: {phrases.environment(found[0])}, {place}")]
    options = [option(each.slot_name, str(each.slot_id), each.environment_type.short) for each in found]
    many = menus.is_many(found)
    menu = menus.renamed_menu(seen.infrastructure.id) if many else select(Action.FIELD, options)
    return [section(f"Infrastructure: {place}"), input_block("Slot", menu, BlockId.SLOT)]
