"""What a person does in Slack's client, and what the app's ack does to their screen."""

from collections.abc import Iterable
from typing import Any

from bot.sandbox import answers, blocks, events, inputs, payloads
from bot.sandbox.block_kit import check_options
from bot.sandbox.blocks import Block, Element
from bot.sandbox.conversations import Conversation
from bot.sandbox.errors import ApiError, Refused
from bot.sandbox.forms import Values, fill, slips
from bot.sandbox.inputs import Suggested, Value
from bot.sandbox.line import Ack, Line
from bot.sandbox.messages import Message
from bot.sandbox.people import Person
from bot.sandbox.views import View
from bot.sandbox.world import World

Outcome = dict[str, Any]
TROUBLE = "We had some trouble connecting. Try again?"


class Interactions:
    """Everything somebody can do, each as one call that ends with the app's ack."""

    def __init__(self, world: World, line: Line) -> None:
        self.world = world
        self.line = line

    async def command(self, who: str, name: str, text: str, where: str | None) -> Outcome:
        """Type a slash command; where nothing is named, in the direct message with the app."""
        person = self._active(who)
        known = self.world.app.command_names()
        if name not in known:
            raise Refused(f"{name} is not a valid command; the app has {self._listed(known)}")
        place = self.world.place(where) if where else self.world.direct(person.id)
        if person.id not in place.members:
            raise Refused(f"{person.name} is not in {where}")
        ack = await self.line.deliver(
            "slash_commands", payloads.command(self.world, person, place, name, text)
        )
        return _outcome(ack) | self._said(ack, person, place)

    def _said(self, ack: Ack, person: Person, place: Conversation) -> Outcome:
        """What the ack of a command shows; blocks that break a limit show nothing but an error."""
        try:
            message = answers.from_ack(self.world, ack.body, person, place)
        except ApiError as broken:
            return {"ok": False, "error": broken.code, "problems": _problems(broken)}
        if message is None:
            return {}
        return {"text": message.text, "blocks": message.blocks, "ts": message.ts, "channel": place.id}

    async def shortcut(self, who: str, callback_id: str) -> Outcome:
        """Choose a global shortcut."""
        person = self._active(who)
        known = self.world.app.callback_ids()
        if callback_id not in known:
            raise Refused(f"no shortcut {callback_id}; the app has {self._listed(known)}")
        return _outcome(
            await self.line.deliver("interactive", payloads.shortcut(self.world, person, callback_id))
        )

    async def click(
        self, who: str, message: Message, seen: list[Block], target: tuple[str, str | None], value: Value
    ) -> Outcome:
        """Use an element of a message; `seen` are the blocks the person has before them.

        A person may have the message before them as it was a moment ago: the click is sent all the same.
        """
        person, place = self._active(who), self.world.conversations[message.channel]
        if person.id not in place.members or message.seen_by not in ("", person.id):
            raise Refused(f"{person.name} does not see that message")
        block, element = _found(seen, target)
        entry = _entry(element, value, message.suggested)
        if entry is not None:
            message.state.setdefault(block["block_id"], {})[element["action_id"]] = entry
        action = payloads.action_of(self.world, block, element, entry)
        payload = payloads.message_action(self.world, person, place, message, action)
        return _outcome(await self.line.deliver("interactive", payload))

    async def act(
        self, who: str, view: View, target: tuple[str, str | None], value: Value, others: Values
    ) -> Outcome:
        """Use an element of a modal or of Home; nothing is sent for an input that does not dispatch.

        `others` is what stands in the other fields; Slack's client tells that with everything that is sent.
        """
        person = self._owner(who, view)
        fill(self.world, view, others)
        block, element = _found(view.blocks, target)
        entry = _entry(element, value, view.suggested)
        if entry is not None:
            view.state.setdefault(block["block_id"], {})[element["action_id"]] = entry
        if block["type"] == "input" and not block.get("dispatch_action"):
            return {"ok": True, "error": "", "seconds": 0.0}
        action = payloads.action_of(self.world, block, element, entry)
        payload = payloads.view_action(self.world, person, view, action)
        return _outcome(await self.line.deliver("interactive", payload))

    async def suggest(
        self, who: str, shown: View | Message, target: tuple[str, str | None], typed: str
    ) -> Outcome:
        """Type into a menu that the app fills, in a view or a message; what it answers can be chosen then."""
        person = self._active(who)
        block, element = _found(shown.blocks, target)
        if element["type"] not in inputs.EXTERNAL:
            raise Refused(f"{element['action_id']} is filled by nobody but itself")
        if len(typed) < element.get("min_query_length", 3):
            return {"ok": True, "error": "", "seconds": 0.0, "options": []}
        asked = {"action_id": element["action_id"], "block_id": block["block_id"], "value": typed}
        if isinstance(shown, View):
            payload = payloads.view_suggestion(self.world, self._owner_of(person, shown), shown, asked)
        else:
            place = self.world.conversations[shown.channel]
            payload = payloads.message_suggestion(self.world, person, place, shown, asked)
        ack = await self.line.deliver("interactive", payload)
        problems = [] if ack.error else check_options(ack.body)
        if ack.error or problems:
            return _outcome(ack) | {"ok": False, "options": [], "problems": problems}
        shown.suggested[element["action_id"]] = ack.body["options"]
        return _outcome(ack) | {"options": ack.body["options"]}

    async def submit(self, who: str, view: View, values: Values) -> Outcome:
        """Fill in and submit a modal; what Slack's client itself objects to is not sent."""
        person = self._owner(who, view)
        if view.content.get("submit") is None:
            raise Refused("this view has no button to submit it")
        fill(self.world, view, values)
        wrong = slips(view)
        if wrong:
            return {"errors": wrong, "sent": False}
        ack = await self.line.deliver("interactive", payloads.submission(self.world, person, view))
        if ack.error:
            return _outcome(ack) | {"sent": True, "trouble": TROUBLE}
        return _outcome(ack) | {"sent": True} | self._follow(view, ack.body)

    def _follow(self, view: View, body: dict[str, Any]) -> Outcome:
        """Do what the ack of a submission says; whatever Slack does not understand is trouble."""
        try:
            return answers.respond(self.world, view, body)
        except ApiError as broken:
            return {"trouble": TROUBLE, "error": broken.code, "problems": _problems(broken)}

    async def close(self, who: str, view: View) -> Outcome:
        """Close a modal, or with `clear_on_close` all of them; the app hears of it if it asked to."""
        person = self._owner(who, view)
        stack = self.world.views.stack(person.id)
        cleared = bool(view.content.get("clear_on_close"))
        closing = list(stack) if cleared else [view]
        for each in closing:
            self.world.views.remove(each)
        return await self._tell_closed(person, closing, cleared=cleared)

    async def _tell_closed(self, person: Person, closed: Iterable[View], *, cleared: bool) -> Outcome:
        outcome: Outcome = {"ok": True, "error": "", "seconds": 0.0}
        for view in closed:
            if view.content.get("notify_on_close"):
                payload = payloads.closing(self.world, person, view, cleared=cleared)
                outcome = _outcome(await self.line.deliver("interactive", payload))
        return outcome

    def say(self, who: str, text: str, thread_ts: str | None, where: str | None) -> Message:
        """Write in a conversation; where nothing is named, to the app."""
        person = self._active(who)
        place = self.world.place(where) if where else self.world.direct(person.id)
        if place.user != person.id:
            return self._say_among_others(person, place, text, thread_ts)
        if not self.world.app.messages_tab or self.world.app.messages_read_only:
            raise Refused("sending messages to this app has been turned off")
        message = self.world.write(place, person.id, text=text, thread_ts=thread_ts)
        self.world.emit(events.message(self.world, message, place))
        return message

    def _say_among_others(
        self, person: Person, place: Conversation, text: str, thread_ts: str | None
    ) -> Message:
        if person.id not in place.members:
            raise Refused(f"{person.name} is not in {place.name}")
        if place.archived:
            raise Refused(f"{place.name} is archived: nobody can write there")
        message = self.world.write(place, person.id, text=text, thread_ts=thread_ts)
        if self.world.app.bot_user in place.members:
            self.world.emit(events.message(self.world, message, place))
        return message

    def open_home(self, who: str, tab: str) -> None:
        """Look at the app's Home, or at its messages."""
        person = self._active(who)
        if tab == "home" and not self.world.app.home_tab:
            raise Refused("this app has no Home tab")
        view = self.world.views.homes.get(person.id) if tab == "home" else None
        self.world.emit(events.home_opened(self.world, person.id, tab, view))

    def _active(self, who: str) -> Person:
        person = self.world.person(who)
        if person.deleted or person.is_bot:
            raise Refused(f"{person.name} cannot sign in")
        return person

    def _owner(self, who: str, view: View) -> Person:
        return self._owner_of(self._active(who), view)

    def _owner_of(self, person: Person, view: View) -> Person:
        if view.user != person.id:
            raise Refused(f"{person.name} does not have that view open")
        if view.content["type"] == "modal" and self.world.views.stack(person.id)[-1] is not view:
            raise Refused("another modal lies on that one")
        return person

    def _listed(self, names: Iterable[str]) -> str:
        return ", ".join(sorted(names)) or "none"


def _found(seen: list[Block], target: tuple[str, str | None]) -> tuple[Block, Element]:
    action_id, block_id = target
    found = blocks.find(seen, action_id, block_id)
    if found is None:
        there = ", ".join(sorted(element["action_id"] for _, element in blocks.everything(seen))) or "none"
        raise Refused(f"there is nothing called {action_id} to press; there is: {there}")
    return found


def _entry(element: Element, value: Value, suggested: Suggested) -> dict[str, Any] | None:
    return None if element["type"] == "button" else inputs.entry_for(element, value, suggested)


def _outcome(ack: Ack) -> Outcome:
    return {"ok": not ack.error, "error": ack.error, "seconds": ack.seconds}


def _problems(broken: ApiError) -> list[str]:
    metadata = broken.facts.get("response_metadata", {})
    messages: list[str] = metadata.get("messages", [])
    return messages
