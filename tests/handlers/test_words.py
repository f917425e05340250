import importlib
import pkgutil
from collections.abc import Iterator
from datetime import timedelta

import pytest

import store
from handlers import words
from handlers.words.pens import Mrkdwn, counted, names, span
from store.desk import Policy
from store.rules.errors import DeskError, FieldError, Named, Refusal
from store.rules.registration_errors import SerialInOtherSlot
from store.rules.seeing_errors import NotAssociated
from store.rules.serials import SerialMalformed

# What only people at the command line are told; the commands have their words.
COMMAND_LINE = {
    "store.rules.backup_errors",
    "store.rules.database_errors",
    "store.rules.import_errors",
    "store.rules.key_errors",
    "store.rules.key_keeping",
    "store.rules.key_states",
    "store.rules.secrets",
    "store.rules.trail_errors",
}
FAMILIES = {"AboutRequest"}


def kinds(family: type[DeskError] = DeskError) -> Iterator[type[DeskError]]:
    for each in family.__subclasses__():
        yield each
        yield from kinds(each)


def everything() -> list[type[DeskError]]:
    for module in pkgutil.walk_packages(store.__path__, "store."):
        if "migrations" not in module.name:
            importlib.import_module(module.name)
    told = [each for each in kinds() if each not in {FieldError, Refusal}]
    return [each for each in told if each.__module__ not in COMMAND_LINE and each.__name__ not in FAMILIES]


@pytest.mark.parametrize("kind", everything(), ids=lambda kind: kind.__name__)
def test_every_error_has_words_of_its_own(kind: type[DeskError]) -> None:
    assert kind in words.WORDS


def test_names_that_people_typed_have_no_power_in_messages() -> None:
    error = SerialInOtherSlot(1, Named(2, "<!channel> *x*"), 3)

    assert "<!channel>" not in words.of(error, Policy())
    assert "&lt;!channel&gt;" in words.of(error, Policy())


def test_names_are_shown_as_they_are_at_a_field() -> None:
    error = SerialInOtherSlot(1, Named(2, "A & B"), 3)

    assert "A & B" in words.at_field(error, Policy())


def test_the_operators_address_is_the_one_that_was_set() -> None:
    assert "desk@vendor.example" in words.of(NotAssociated(), Policy(operators_address="desk@vendor.example"))


def test_typing_errors_know_their_field() -> None:
    assert words.field_of(SerialMalformed(3)) == "serial"
    assert words.field_of(SerialInOtherSlot(1, Named(2, "x"), 3)) == "serial"
    assert words.field_of(NotAssociated()) == ""


def test_an_error_without_words_becomes_a_reference() -> None:
    class Odd(DeskError):
        """Nobody thought of this one."""

    said = words.of(Odd("secret"), Policy())

    assert "give the operators this reference" in said
    assert "secret" not in said


def test_references_differ() -> None:
    assert words.unforeseen(ValueError()) != words.unforeseen(ValueError())


@pytest.mark.parametrize(
    ("duration", "said"),
    [
        (timedelta(minutes=30), "30 minutes"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(days=7), "7 days"),
        (timedelta(seconds=90), "90 seconds"),
    ],
)
def test_durations_are_said_in_their_largest_unit(duration: timedelta, said: str) -> None:
    assert span(duration) == said


def test_lists_of_names_end_in_words() -> None:
    pen = Mrkdwn(Policy())

    assert names(pen, ("Rui Costa",)) == "Rui Costa"
    assert names(pen, ("Rui Costa", "Eva Lang", "Tom Berg")) == "Rui Costa, Eva Lang or Tom Berg"
    assert counted(1, "slot") == "1 slot"
    assert counted(1200, "slot") == "1,200 slots"
