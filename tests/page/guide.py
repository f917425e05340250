"""A guide through the page: does what a person does there, and looks at everything that comes up."""

import json
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import FilePayload, Locator, Page, ViewportSize
from sqlalchemy import func, select

from bot.sandbox import Sandbox
from bot.sandbox.client import SlackClient
from bot.sandbox.seen import View
from bot.schedule import JOBS
from store.deliveries import QUEUED
from store.desk import Desk
from store.tables import deliveries
from tests.page.walked import Seen

HERE: Final = Path(__file__).parent
LOOKING: Final = (HERE / "looking.js").read_text(encoding="utf-8")
SETTLED: Final = (HERE / "settled.js").read_text(encoding="utf-8")
PICTURES: Final = "LICENSE_DESK_WALK"
# The page's policy lets no style in from outside, so that the sheet is made within.
GROWN: Final = """() => {
  const sheet = new CSSStyleSheet();
  const parts = "body, html, .desk, #main, .conversation, #log, #home, #side, #panel, .log";
  sheet.replaceSync(`${parts} { height: auto !important; overflow: visible !important; }`);
  document.adoptedStyleSheets = [sheet];
}"""
WIDE, PHONE = ViewportSize(width=1280, height=800), ViewportSize(width=390, height=780)
CHANNEL: Final = "C0LICENSES"


class Guide:
    """Goes about in the page as one person at a time; `seen` keeps what came up, and what is wrong with it."""

    def __init__(self, page: Page, sandbox: Sandbox, desk: Desk) -> None:
        self.page, self.slack, self.desk, self.sandbox = page, SlackClient(sandbox.url), desk, sandbox
        self.seen = Seen(desk)
        self.user, self.place, self.tab = "", "app", "messages"
        pictures = os.environ.get(PICTURES)
        self._pictures = Path(pictures) if pictures else None
        self._known: set[str] = set()
        self._number = 0

    def be(self, user: str, place: str = "app", tab: str = "messages", thread: str = "") -> None:
        """Become somebody who looks at a channel, at the direct message with the app, or at its Home."""
        before = self.slack.home(user)
        opens = tab == "home" and (self.user, self.tab) != (user, tab)
        self.user, self.place, self.tab = user, place, tab
        last = "/home" if tab == "home" else f"/{thread}" if thread else ""
        self.page.evaluate("address => { location.hash = address; }", f"#{user}/{place}{last}")
        if opens:
            self.slack.wait_for(lambda: self._is_other_home(before))
        self.settle()

    def type(self, text: str) -> None:
        """Type `/license` and these words, and wait for what comes."""
        self.be(self.user)
        self._await_change(lambda: self._say(f"/license {text}".rstrip()))
        self.seen.subcommands.add(text.partition(" ")[0] or "help")

    def ask(self, text: str) -> None:
        """Type the same without the page, which only has to show what comes; a form is looked at and closed."""
        answer = self.slack.command(self.user, text)
        self.seen.subcommands.add(text)
        if not answer.text:
            self.slack.wait_for(lambda: self.slack.views(self.user))
            self.look(text)
            for view in self.slack.views(self.user):
                self.slack.close(self.user, view)

    def say(self, text: str) -> None:
        """Write to the app, and wait for its answer."""
        self.be(self.user)
        known = len(self.slack.direct(self.user)) + 1
        self._say(text)
        self.slack.wait_for(lambda: len(self.slack.direct(self.user)) > known)
        self.settle()

    def press(self, action: str, at: str = "", *, agree: bool = True, quietly: bool = False) -> None:
        """Press the newest button with this action, confirm what it asks, and wait for what comes.

        `at` is a selector of the part of the page that it stands in. `quietly` waits for nothing.
        """
        button = self._newest(action, at)
        if quietly:
            button.click()
        else:
            self._await_change(lambda: self._pressed(button, agree=agree))

    def shortcut(self, name: str) -> None:
        """Choose from the shortcuts menu."""
        self.page.get_by_role("button", name="Shortcuts").click()
        self._await_change(lambda: self.page.get_by_role("option", name=name).click())

    def fill(self, block_id: str, text: str) -> None:
        """Type into a field of the modal."""
        self._field(block_id).locator("input, textarea").fill(text)

    def choose(self, block_id: str, *names: str, told: bool = False) -> None:
        """Choose from a menu of the modal; `told` when the app hears of it and draws the modal anew."""

        def choice() -> None:
            self._field(block_id).get_by_role("combobox").click()
            for name in names:
                self._option(name).click()
            if self.page.locator(":popover-open").count():
                self.page.keyboard.press("Escape")

        self._await_change(choice) if told else choice()

    def choose_if_there(self, block_id: str, name: str) -> None:
        """Choose from a menu of the modal, unless there is only one to choose from and it stands there already."""
        if self._field(block_id).count():
            self.choose(block_id, name)

    def put(self, block_id: str, name: str, content: bytes) -> None:
        """Put a file into a field of the modal, and wait until it is there."""
        given = FilePayload(name=name, mimeType="text/plain", buffer=content)
        self._field(block_id).locator("input[type=file]").set_input_files(given)
        self._field(block_id).get_by_text(name).wait_for()

    def choose_here(self, name: str) -> None:
        """Choose from the newest menu of the conversation."""
        self.page.locator("#log [role=combobox]").last.click()
        self._await_change(self._option(name).click)

    def newest_thread(self) -> str:
        """The `ts` of the card to which somebody replied last, in the channel that is looked at."""
        return [each.thread_ts for each in self.slack.messages(self.place) if each.thread_ts][-1]

    def check(self, block_id: str, name: str, *, told: bool = False) -> None:
        """Choose one of several radio buttons, or turn a box."""
        begins = re.compile(rf"^\s*{re.escape(name)}")
        box = self._field(block_id).locator("label.choice", has_text=begins).locator("input")
        if told and box.is_checked():
            return  # The only one that there is has been chosen already.
        self._await_change(box.click) if told else box.click()

    def submit(self) -> None:
        """Send in the modal, and wait for the answer."""
        self.page.locator("#modal [data-key=modal-submit]").click()
        self.page.wait_for_function("() => !document.querySelector('#modal .busy')")
        self.slack.wait_for(lambda: not self._goes_on())
        self.settle()

    def close(self) -> None:
        """Close every modal that is open."""
        while before := self.slack.views(self.user):
            self.page.keyboard.press("Escape")
            self.slack.wait_for(lambda: len(self.slack.views(self.user)) < len(before))
            self.settle()

    def look(self, title: str) -> None:
        """Look at what is in front of the person: on a wide and light screen, and on a dark phone."""
        self.settle()
        part = self._part()
        if part == "modal":
            if self._is_known():
                return
            self._go_round(title)
        self._number += 1
        for size, scheme in ((PHONE, "dark"), (WIDE, "light")):
            self.page.set_viewport_size(size)
            self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type] # one of Playwright's own words
            found = self.page.evaluate(LOOKING, self._where() | {"place": part})
            self.seen.take(f"{title}, {scheme}", found)
            self._keep(title, part, scheme, found["text"])

    def pass_time(self, **span: float) -> None:
        """Let time pass, and everything happen that is due then."""
        self.slack.advance(timedelta(**span).total_seconds())
        for job in JOBS:
            job.run(self.desk)
        self.rest()

    def rest(self) -> None:
        """Wait until nothing is left to deliver."""
        self.slack.wait_for(lambda: not self._waiting(), 15.0)

    def settle(self) -> None:
        """Wait until the page shows what there is."""
        self.slack.wait_for(lambda: self.page.evaluate(SETTLED, self._where()), 10.0)

    def _where(self) -> dict[str, Any]:
        return {"user": self.user, "where": self.place, "tab": self.tab}

    def _part(self) -> str:
        for name in ("confirm", "modal"):
            if self.page.locator(f"#{name}[open]").count():
                return name
        if self.page.locator("#side.thread").count():
            return "thread"
        return "home" if self.tab == "home" else "log"

    def _say(self, text: str) -> None:
        box = self.page.locator("#composer")
        box.fill(text)
        box.press("Enter")

    def _newest(self, action: str, at: str) -> Locator:
        part = at or {"modal": "#modal", "thread": "#side", "home": "#home", "log": "#log"}[self._part()]
        key = f"[data-key$='/{action}'], [data-key*='/{action}:']"
        return self.page.locator(part).locator(key).last

    def _pressed(self, button: Locator, *, agree: bool) -> None:
        button.click()
        asked = self.page.locator("#confirm[open]")
        if asked.count():
            self.look("a question")
            asked.locator("footer button").nth(1 if agree else 0).click()

    def _option(self, name: str) -> Locator:
        """An option of the open list, found by typing where there are many."""
        box = self.page.locator(":popover-open input")
        if box.count():
            box.fill(name)
        return self.page.locator(":popover-open [role=option]", has_text=name).first

    def _field(self, block_id: str) -> Locator:
        return self.page.locator(f"#modal [data-block='{block_id}'], #modal [data-block^='{block_id}:']").last

    def _await_change(self, act: Callable[[], None]) -> None:
        before = self._before_the_person()
        act()
        self.slack.wait_for(lambda: self._before_the_person() != before)
        self.settle()

    def _before_the_person(self) -> str:
        """Everything that an answer to this person can change."""
        home = self.slack.home(self.user)
        views = [each.hash for each in self.slack.views(self.user)]
        heard = [[each.ts, each.text] for each in self.slack.ephemerals(self.user)]
        direct = [each.ts for each in self.slack.direct(self.user)]
        return json.dumps([views, heard, direct, home.hash if home else ""])

    def _is_other_home(self, before: View | None) -> bool:
        now = self.slack.home(self.user)
        return now is not None and (before is None or now.hash != before.hash)

    def _is_known(self) -> bool:
        """Whether the same modal, with the same errors, was looked at before."""
        view = self.slack.view(self.user)
        errors = self.page.locator("#modal .error").all_text_contents()
        known = json.dumps([view.callback_id, view.blocks, errors]) if view else ""
        is_known = known in self._known
        self._known.add(known)
        return is_known

    def _goes_on(self) -> bool:
        """Whether the modal says that something is being looked at, such as “Reading the file…”."""
        view = self.slack.view(self.user)
        first = view.blocks[0].get("text", {}).get("text", "") if view else ""
        return bool(re.match(r"\w[^.]*…( |$)", first))

    def _go_round(self, title: str) -> None:
        """Every field and button of a modal gets the focus by Tab alone."""
        wanted = self.page.evaluate(
            """() => {
              const usable = [...document.querySelectorAll("#modal button, #modal input, #modal textarea, #modal a")];
              const groups = new Set();
              const once = (each) => each.type !== "radio" || (!groups.has(each.name) && groups.add(each.name));
              window.reached = new Set();
              const note = (event) => window.reached.add(event.target.name || event.target);
              window.note ??= (document.addEventListener("focusin", note), true);
              window.wanted = usable.filter((each) => each.checkVisibility() && !each.disabled && once(each));
              return window.wanted.length;
            }"""
        )
        # A field for a day has three stops and a button.
        days = self.page.locator("#modal input[type=date]").count()
        for _ in range(wanted + 2 + 3 * days):
            self.page.keyboard.press("Tab")
        missed = self.page.evaluate(
            """() => window.wanted.filter((each) => !window.reached.has(each.name || each))
              .map((each) => each.outerHTML.slice(0, 90))"""
        )
        self.seen.faults += [f"{title}: Tab does not come to {each}" for each in missed]

    def _waiting(self) -> int:
        due = select(func.count()).where(QUEUED, deliveries.c.due_at <= self.desk.clock())
        with self.desk.database.read() as connection:
            return int(connection.execute(due).scalar_one())

    def _keep(self, title: str, part: str, scheme: str, text: str) -> None:
        """A picture of it and its words, where somebody wants to look at them."""
        if self._pictures is None:
            return
        self._pictures.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"[^a-z0-9]+", "-", f"{self._number:03} {self.user[2:]} {title}".lower())
        if scheme == "light":
            with (self._pictures / "words.txt").open("a", encoding="utf-8") as file:
                file.write(f"\n======== {name} ({part})\n{text}\n")
        if part in ("log", "home", "thread"):
            self.page.evaluate(GROWN)
        self.page.screenshot(path=self._pictures / f"{name}-{scheme}.png", full_page=True)
        self.page.evaluate("() => { document.adoptedStyleSheets = []; }")


def moment(sandbox: Sandbox) -> Callable[[], datetime]:
    """The sandbox's clock, as a desk wants it."""
    return lambda: datetime.fromtimestamp(sandbox.world.clock.now(), UTC)
