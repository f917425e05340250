"""Words for links that people get by e-mail."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from handlers.words.pens import Pen
from store.rules.errors import DeskError
from store.rules.mail_errors import LinkUnknown


def _unknown(_error: LinkUnknown, pen: Pen) -> str:
    return (
        "This desk did not make this link, or not all of it was copied, or what it asks was lost before a backup was "
        "restored. Nothing has changed. Open the link in the e-mail again. If that does not help, write to "
        f"{pen.name(pen.policy.operators_address)}."
    )


WORDS: Final[Mapping[type[DeskError], Callable[[Any, Pen], str]]] = {LinkUnknown: _unknown}
