"""`/license revocations`: the signed list of licenses that count no more, as a direct message with a file."""

from typing import Final

from handlers.answers import Answer, say
from handlers.blocks.text import utc
from handlers.payloads import Command
from handlers.reports import Attachment
from handlers.told import Told, Words
from handlers.visitors import Visitor
from handlers.words.pens import counted
from store import revocation_lists, revocation_orders
from store.desk import Actor
from store.revocation_lists import RevocationList
from store.rules.key_states import NoActiveKey

_WHAT_FOR: Final = (
    "Products read it beside their license file, and accept none of the licenses in it. "
    "It names no company, no environment and no person."
)


def revocations_command(visitor: Visitor, _command: Command) -> Answer:
    """Have the list sent to the visitor."""
    revocation_orders.order_revocations(visitor.desk, visitor.actor)
    return say("The revocation list is on its way: it comes as a direct message, in a few seconds.")


def revocation_list(told: Told) -> tuple[Words, list[Attachment]]:
    """What the message says, and the list, as far as its reader may have it now."""
    made = _made(told)
    if isinstance(made, Words):
        return made, []
    file = Attachment(revocation_lists.FILE_NAME, "Revocation list", "The signed list", made.text)
    return _said(made), [file]


def words(told: Told) -> Words:
    """What the message says, alone."""
    made = _made(told)
    return made if isinstance(made, Words) else _said(made)


def _made(told: Told) -> RevocationList | Words:
    """The list, or why there is none."""
    person_id = told.delivery.person_id or 0
    if not revocation_orders.may_have(told.connection, person_id):
        return Words(
            "The revocation list that you asked for was not made, because it is for admins and operators, "
            "and you are none any more.",
            ["If you should be, ask an admin or the operators."],
        )
    try:
        return revocation_lists.make(told.desk, Actor(person_id, "slack"))
    except NoActiveKey:
        return Words(
            "The revocation list that you asked for could not be made, because no signing key is active.",
            ["The operators can make one active. Then ask for the list again."],
        )


def _said(made: RevocationList) -> Words:
    return Words(
        f"Here is the revocation list, number {made.seq:,}, with {counted(made.count, 'license')} "
        f"that {'counts' if made.count == 1 else 'count'} no more.",
        [
            f"Made: {utc(made.issued_at)}. A newer one should be there from {utc(made.expires_at)} on.",
            _WHAT_FOR,
        ],
    )
