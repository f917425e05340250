"""Notices about signing keys, for the operators."""

from collections.abc import Callable, Mapping
from typing import Final

from handlers.told import Told, Words
from handlers.words.pens import counted
from store import keys


def _compromised(told: Told) -> Words:
    known = keys.list_keys(told.connection)
    [lost] = [each.kid for each in known if each.id == told.facts["key_id"]]
    active = [each.kid for each in known if each.state == "active"]
    return Words(
        f"The signing key `{lost}` is compromised: nothing that it signed is believed any more.",
        [
            *(f"`{each}` signs from now on." for each in active),
            _made_anew(told.facts["number"]),
            (
                "Give products the new public keys (`license-desk keys export`), without the compromised one, and the "
                "new list of revocations. Products that do not know the new key yet refuse the new files."
            ),
        ],
    )


def _over(_told: Told) -> Words:
    return Words(
        "Every license in use that a compromised signing key had signed is made anew.",
        [
            (
                "The files are on their way to those who look after the environments or have the old ones. "
                "`license-desk deliveries list` shows what could not be sent."
            )
        ],
    )


def _made_anew(number: int) -> str:
    if not number:
        return "No license in use was signed with it."
    return (
        f"Licenses of {counted(number, 'infrastructure')} are made anew, and sent by themselves to those who look "
        "after the environments or have the old files."
    )


NOTICES: Final[Mapping[str, Callable[[Told], Words]]] = {
    "key_compromised": _compromised,
    "compromise_over": _over,
}
"""Direct messages about signing keys, by the notice's name."""
