"""The main job as a play: what each person does, and what each of them sees, printed as text."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from rich.console import Console

from bot.sandbox.client import SlackClient
from bot.sandbox.drawing import draw_message, draw_view
from bot.sandbox.seen import Message, View
from handlers.blocks.ids import Action, BlockId, base
from store import keys
from store.desk import Desk
from store.license_file import read
from store.rules.claims import Verdict

CHANNEL = "C0LICENSES"
FIRST_SERIAL, SECOND_SERIAL = "7QK-4ZP-M2X-9HB-T5R-C8W-E0N-001", "7QK-4ZP-M2X-9HB-T5R-C8W-E0N-002"
NEW_SERIAL = "7QK-4ZP-M2X-9HB-T5R-C8W-E0N-003"
VERSION = "11.17.0 (Build 36348)"
ZONE = ZoneInfo("Europe/Lisbon")
ANA, BEN, RUI, EVA = "U0ANA", "U0BEN", "U0RUI", "U0EVA"


T = TypeVar("T")


class PlayFailed(Exception):
    """Something in the play did not happen as it should; the message says what."""


class Play:
    """Performs the scenes one after the other; each checks what it shows."""

    def __init__(self, console: Console, slack: SlackClient, desk: Desk, folder: Path) -> None:
        self._console, self._slack, self._desk, self._folder = console, slack, desk, folder
        self._people = slack.people()

    def perform(self) -> None:
        """Perform every scene. Raises `PlayFailed`, or `TimeoutError` for what did not come."""
        scenes = (
            self._an_engineer_registers,
            self._slots_are_listed,
            self._the_license_is_requested,
            self._a_stranger_is_refused,
            self._a_contact_forwards,
            self._an_administrator_gets_theirs,
            self._a_serial_changes,
        )
        for number, scene in enumerate(scenes, start=1):
            self._console.print(f"\n=== {number}. {scene.__doc__}\n")
            scene()
        self._console.print("\nEverything happened as it should.")

    def _an_engineer_registers(self) -> None:
        """Ana Silva, an engineer, registers an environment; her first try has a typing error."""
        self._type(ANA, f"register {FIRST_SERIAL[:-1]}")
        view = self._modal(ANA)
        self._show_view("Ana sees", view)
        view = self._place(ANA, view)
        wrong = self._slack.submit(ANA, view, {**_typed(view, FIRST_SERIAL[:-1]), **_slot(view, "Quality 1")})
        self._expect(bool(wrong.errors), "the short serial number was not pointed out")
        drawn = draw_view(view.raw, self._people, ZONE, errors=wrong.errors)
        self._console.print(f"She chooses a slot, but the serial number is one short:\n{drawn}\n")
        done = self._slack.submit(ANA, view, {**_typed(view, FIRST_SERIAL), **_slot(view, "Quality 1")})
        self._expect(done.view is not None, f"registering came to nothing: {done}")
        if done.view:
            self._show_view("She corrects it, and sees", done.view)
            self._slack.close(ANA, done.view)

    def _slots_are_listed(self) -> None:
        """Ana looks at the slots."""
        self._type(ANA, "slots")

    def _the_license_is_requested(self) -> None:
        """Ana requests the license; she may not have it directly, so the contacts are asked."""
        self._type(ANA, "request Quality 1")
        view = self._modal(ANA)
        self._show_view("Ana sees", view)
        asked = self._slack.submit(ANA, view, {str(BlockId.REASON): "upgrade to 11.17"})
        self._expect(asked.view is not None, f"the request came to nothing: {asked}")
        if asked.view:
            self._show_view("She sends it, and sees", asked.view)
            self._slack.close(ANA, asked.view)
        self._show("In #licenses the contacts see", self._card())

    def _a_stranger_is_refused(self) -> None:
        """Ben Okafor, an engineer without the right to decide, clicks all the same."""
        before = len(self._slack.ephemerals(BEN))
        self._slack.click(BEN, self._card(), str(Action.FORWARD))
        seen = self._await(lambda: self._slack.ephemerals(BEN)[before:])
        self._show("Only Ben sees", seen[-1])
        self._expect("cannot decide" in seen[-1].text, "the refusal does not say what it refuses")
        self._expect(_has_buttons(self._card()), "the refused click changed the card")

    def _a_contact_forwards(self) -> None:
        """Rui Costa, the technical contact, forwards the license; the file arrives and is verified."""
        self._slack.click(RUI, self._card(), str(Action.FORWARD))
        self._await(lambda: self._slack.files(ANA))
        self._await(lambda: not _has_buttons(self._card()))
        self._show("Ana gets, as a direct message", self._with_file(ANA))
        self._await(lambda: "being delivered" not in self._card().text)
        self._show("The card now says", self._card())
        self._verify(ANA, FIRST_SERIAL)

    def _an_administrator_gets_theirs(self) -> None:
        """Eva Lang, a company admin, registers Quality 2 and gets its license directly."""
        self._type(EVA, f"register {SECOND_SERIAL} {VERSION}")
        view = self._place(EVA, self._modal(EVA))
        done = self._slack.submit(EVA, view, {**_typed(view, SECOND_SERIAL), **_slot(view, "Quality 2")})
        self._expect(done.view is not None, f"registering came to nothing: {done}")
        if done.view:
            self._show_view("Eva sees", done.view)
            self._slack.close(EVA, done.view)
        self._type(EVA, "request Quality 2")
        asked = self._slack.submit(EVA, self._modal(EVA), {})
        self._expect(asked.view is not None, f"asking came to nothing: {asked}")
        if asked.view:
            self._slack.close(EVA, asked.view)
        self._await(lambda: self._slack.files(EVA))
        self._show("Eva gets, at once", self._with_file(EVA))
        self._verify(EVA, SECOND_SERIAL)

    def _a_serial_changes(self) -> None:
        """The server of Quality 1 was replaced: its serial number changes, and Rui forwards the new license."""
        before = len(self._slack.files(ANA))
        self._type(ANA, "serial-changed Quality 1")
        view = self._modal(ANA)
        self._show_view("Ana sees", view)
        typed = dict.fromkeys(_inputs(view, BlockId.SERIAL), NEW_SERIAL)
        typed |= dict.fromkeys(_inputs(view, BlockId.REASON), "the server was replaced")
        asked = self._slack.submit(ANA, view, typed)
        self._expect(asked.view is not None, f"the serial change came to nothing: {asked}")
        if asked.view:
            self._show_view("She sends it, and sees", asked.view)
            self._slack.close(ANA, asked.view)
        self._await(lambda: _has_buttons(self._card()))
        self._show("In #licenses the contacts see", self._card())
        self._slack.click(RUI, self._card(), str(Action.FORWARD))
        self._await(lambda: len(self._slack.files(ANA)) > before)
        self._show("Rui forwards it, and Ana gets", self._with_file(ANA))
        self._verify(ANA, NEW_SERIAL)

    def _type(self, who: str, text: str) -> None:
        self._console.print(f"{self._people[who]} types: /license {text}\n")
        answer = self._slack.command(who, text)
        self._expect(answer.ok, f"/license {text} failed: {answer.error}")
        if answer.text:
            raw = {"text": answer.text, "blocks": answer.blocks}
            self._console.print(draw_message(raw, self._people, ZONE) + "\n")

    def _modal(self, who: str) -> View:
        return self._await(lambda: self._slack.view(who))

    def _place(self, who: str, view: View) -> View:
        """Choose infrastructure and type in the modal, which is drawn anew after each choice."""
        view = self._pick(who, view, Action.REGISTER_INFRASTRUCTURE, BlockId.INFRASTRUCTURE, "Acme Core")
        return self._pick(who, view, Action.REGISTER_TYPE, BlockId.ENVIRONMENT_TYPE, "Non-production")

    def _pick(self, who: str, view: View, action: str, block_id: str, text: str) -> View:
        chosen = option_of(view, block_id, text)
        self._expect(len(chosen) == 1, f"{text} was not offered")
        for value in chosen.values():
            self._slack.act(who, view, str(action), value)
        return self._await(lambda: self._changed(who, view))

    def _changed(self, who: str, view: View) -> View | None:
        found = self._slack.view(who)
        return found if found and found.hash != view.hash else None

    def _card(self) -> Message:
        cards = self._await(lambda: [each for each in self._slack.messages(CHANNEL) if not each.thread_ts])
        return cards[-1]

    def _with_file(self, who: str) -> Message:
        return self._await(lambda: [each for each in self._slack.direct(who) if each.files])[-1]

    def _verify(self, who: str, serial: str) -> None:
        file = self._slack.files(who)[-1]
        content = self._slack.download(file)
        path = self._folder / file.name
        path.write_bytes(content)
        with self._desk.database.read() as connection:
            found = read(content, keys.verifying_keys(connection), test_keys=True)
        verdict = found.verdict(self._desk.clock())
        self._console.print(
            f"Saved as {path.name} and verified: {verdict}, serial number {found.facts.serial}."
        )
        self._expect(
            verdict is Verdict.VALID and found.facts.serial == serial, "the license file does not do"
        )

    def _show(self, title: str, message: Message) -> None:
        self._console.print(f"{title}:\n{draw_message(message.raw, self._people, ZONE)}\n")

    def _show_view(self, title: str, view: View) -> None:
        self._console.print(f"{title}:\n{draw_view(view.raw, self._people, ZONE)}\n")

    def _await(self, look: Callable[[], T | None]) -> T:
        found = self._slack.wait_for(look, 15.0)
        if found is None:
            message = "something did not come in time"
            raise PlayFailed(message)
        return found

    def _expect(self, happened: bool, otherwise: str) -> None:
        if not happened:
            raise PlayFailed(otherwise)


def _inputs(view: View, block_id: str) -> list[str]:
    """The fields of a view with this id, or with this base of their id."""
    ids = [str(block.get("block_id")) for block in view.raw["blocks"] if block["type"] == "input"]
    return [each for each in ids if base(each) == block_id]


def _typed(view: View, serial: str) -> dict[str, str]:
    fields = {BlockId.SERIAL: serial, BlockId.VERSION: VERSION}
    return {block: value for block_id, value in fields.items() for block in _inputs(view, block_id)}


def _slot(view: View, name: str) -> dict[str, str]:
    return option_of(view, BlockId.SLOT, name)


def option_of(view: View, block_id: str, text: str) -> dict[str, str]:
    """The field with this base of its id, and the value of its option that begins with `text`."""
    return {
        str(block["block_id"]): str(option["value"])
        for block in view.raw["blocks"]
        if base(str(block.get("block_id"))) == block_id
        for option in block["element"]["options"]
        if option["text"]["text"].startswith(text)
    }


def _has_buttons(message: Message) -> bool:
    return any(block["type"] == "actions" for block in message.blocks)
