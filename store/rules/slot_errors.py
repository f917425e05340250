"""What a new name of a slot cannot be; each class is one sentence for a person."""

from dataclasses import dataclass

from store.rules.errors import FieldError

LONGEST_NAME = 80
"""Characters of a slot's name."""


@dataclass(eq=False)
class NameMissing(FieldError):
    """A slot needs a name."""

    field = "name"


@dataclass(eq=False)
class NameTooLong(FieldError):
    """The name is longer than a slot's name can be."""

    length: int
    most: int = LONGEST_NAME
    field = "name"


@dataclass(eq=False)
class NameTaken(FieldError):
    """Another slot of the infrastructure has this name, whether written with the same capitals or not."""

    name: str
    field = "name"


def slot_name(typed: str) -> str:
    """A name as it is kept: on one line, without what cannot be shown. Raises `NameMissing` and `NameTooLong`."""
    name = " ".join("".join(each if each.isprintable() else " " for each in typed).split())
    if not name:
        raise NameMissing
    if len(name) > LONGEST_NAME:
        raise NameTooLong(len(name))
    return name
