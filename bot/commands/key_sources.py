"""Where a new signing key comes from: made here, or kept in a file or a token already."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands import shared

if TYPE_CHECKING:
    from store.kept_keys import OutsideKey

Algorithm = Annotated[
    str | None,
    typer.Option(help="ES256, which every JOSE library verifies and which is the default, or EdDSA."),
]
FromFile = Annotated[
    Path | None,
    typer.Option(
        "--from-file", dir_okay=False, help="Use the private key in this file (PKCS #8), which stays there."
    ),
]
FromToken = Annotated[
    str | None,
    typer.Option(
        "--from-token", metavar="LABEL", help="Use the pair of keys with this label in the token that is set."
    ),
]


@dataclass(frozen=True)
class KeySource:
    """The algorithm of a key that is to be made, or a key that is kept outside the database."""

    algorithm: str
    outside: "OutsideKey | None" = None

    @property
    def done(self) -> str:
        """What was done with it, in a word."""
        return "Made" if self.outside is None else "Took"


def key_source(algorithm: str | None, from_file: Path | None, from_token: str | None) -> KeySource:
    """Where a new key comes from. Raises `CommandRefused`, and what looking at a key outside raises."""
    from bot.desk import key_access
    from bot.settings import load_settings
    from store.kept_keys import key_in_file, key_in_token

    if sum(each is not None for each in (algorithm, from_file, from_token)) > 1:
        raise shared.CommandRefused("Choose one of --algorithm, --from-file and --from-token.")
    if from_file is not None:
        return KeySource("", key_in_file(from_file, key_access(load_settings())))
    if from_token is not None:
        return KeySource("", key_in_token(from_token, key_access(load_settings())))
    return KeySource(algorithm or "ES256")


def kept(kept_in: str, kept_at: str | None) -> str:
    """Where a key is kept, in words."""
    return f"kept in the {kept_in}" if kept_at is None else f"kept in the {kept_in} {kept_at}"
