"""Where secrets of the settings come from: the variable itself, a file, or a command of a secrets manager."""

import base64
import binascii
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

from pydantic import SecretStr

COMMAND_SECONDS: Final = 30
"""How long a secrets manager may take to answer."""
_KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Found:
    """What was found: the secret, the variable that said where it is, and what is wrong, in sentences."""

    name: str
    text: str = field(default="", repr=False)
    problems: tuple[str, ...] = ()


def secret_of(direct: SecretStr, file: Path | None, command: str | None, name: str) -> Found:
    """Read a secret from the one place that is given: `name` itself, `name`_FILE or `name`_COMMAND."""
    text = direct.get_secret_value()
    given = [
        each
        for each, is_given in ((name, text), (f"{name}_FILE", file), (f"{name}_COMMAND", command))
        if is_given
    ]
    if len(given) > 1:
        return Found(name, problems=(f"Set only one of {' and '.join(given)}.",))
    if file is not None:
        return _in_file(file, f"{name}_FILE")
    return _said_by(command, f"{name}_COMMAND") if command else Found(name, text)


def wrong_master_keys(name: str, keys: Sequence[str]) -> Iterator[str]:
    """A sentence for each of the keys that is none; the key itself is not in it."""
    for place, key in enumerate(keys, start=1):
        if not _is_fernet_key(key):
            yield f"{name}: key {place} is not a master key. `openssl rand -base64 32 | tr +/ -_` makes one."


def _in_file(file: Path, name: str) -> Found:
    try:
        return Found(name, file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        problem = f"{name} names a file that cannot be read. Check its path and who may read it."
        return Found(name, problems=(problem,))


@lru_cache(maxsize=1)
def _said_by(command: str, name: str) -> Found:
    """What a command prints.

    Neither that nor what it says of its errors is shown: both can hold the secret. It is asked once by each process,
    however often the settings are looked at.
    """
    try:
        words = shlex.split(command)
        # Without a shell, so that nothing in it is more than a word.
        done = subprocess.run(words, capture_output=True, timeout=COMMAND_SECONDS, check=False)  # noqa: S603 # the operator's own command
        text = done.stdout.decode()
    except (OSError, ValueError):
        return _failed(name, "cannot be run, or printed no text")
    except subprocess.TimeoutExpired:
        return _failed(name, f"did not end within {COMMAND_SECONDS} seconds")
    if done.returncode:
        return _failed(name, f"ended with status {done.returncode}")
    return Found(name, text) if text.strip() else _failed(name, "printed nothing")


def _failed(name: str, what: str) -> Found:
    return Found(
        name, problems=(f"The command of {name} {what}. Run it by hand as the user of License Desk.",)
    )


def _is_fernet_key(key: str) -> bool:
    try:
        return len(base64.b64decode(key, altchars=b"-_", validate=True)) == _KEY_BYTES
    except (binascii.Error, ValueError):
        return False
