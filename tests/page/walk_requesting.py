"""The part of the walk about requests: asking, deciding, following, deadlines, and files that do not arrive."""

from handlers.blocks.ids import Action, BlockId, Step
from tests.page.guide import CHANNEL, Guide
from tests.page.walk_registering import ANA, BEN, EVA, OLGA, RUI, TOM, register

FILES = "files.getUploadURLExternal"


def ask(guide: Guide, user: str, name: str, reason: str = "upgrade to 11.17", *more: str) -> None:
    """Ask for the licenses of environments by name, as far as the words that say what it came to."""
    guide.be(user)
    guide.type(f"request {name}")
    if more:
        guide.choose(BlockId.ENVIRONMENTS, *more)
    guide.fill(BlockId.REASON, reason)
    guide.submit()


def thread(guide: Guide) -> None:
    """The replies to the card that was replied to last."""
    guide.be(guide.user, CHANNEL, thread=guide.newest_thread())
    guide.look("the thread of a card")


def asking(guide: Guide) -> None:
    """The form with its error, the card, somebody without the right, and a decline."""
    guide.be(ANA)
    guide.shortcut("Request a license")
    guide.look("request, nothing chosen")
    guide.submit()
    guide.look("request, without a reason")
    guide.close()
    ask(guide, ANA, "Quality 1")
    guide.look("requested")
    guide.close()
    guide.rest()
    guide.be(BEN, CHANNEL)
    guide.look("a card")
    guide.press(Action.FORWARD)
    guide.look("a refusal at the card")
    guide.be(RUI, CHANNEL)
    guide.press(Action.DECLINE)
    guide.look("decline")
    guide.submit()
    guide.look("decline, without a reason")
    guide.fill(BlockId.REASON, "please wait for the maintenance on Friday")
    guide.submit()
    guide.look("declined")
    guide.close()
    guide.rest()
    guide.look("a card, declined")
    thread(guide)


def forwarding(guide: Guide) -> None:
    """Asking again, forwarding, the file, and what the card and its thread say then."""
    guide.be(ANA)
    guide.press(Action.ASK_AGAIN)
    guide.rest()
    guide.be(RUI, CHANNEL)
    guide.press(Action.FORWARD)
    guide.rest()
    guide.look("a card, forwarded")
    thread(guide)
    guide.be(ANA)
    guide.look("the file")
    guide.press(Action.CHANGE_SERIAL)
    guide.look("serial changed, from the file")
    guide.close()


def several(guide: Guide) -> None:
    """A request for several environments, which is urgent and is decided in parts."""
    register(guide, ANA, 5, "Non-production", "Quality 2")
    guide.press(Action.REQUEST)
    guide.look("request, from a button")
    guide.close()
    register(guide, ANA, 6, "Production", "Prod 1")
    guide.close()
    guide.be(ANA)
    guide.type("request Quality 2")
    guide.choose(BlockId.ENVIRONMENTS, "Prod 1")
    guide.check(BlockId.URGENT, "Production is down")
    guide.fill(BlockId.REASON, "the server has to be replaced")
    guide.look("request, urgent")
    guide.submit()
    guide.look("requested, urgent")
    guide.close()
    guide.rest()
    guide.be(RUI, CHANNEL)
    guide.look("a card with several")
    guide.press(Action.FORWARD_CHOOSE)
    guide.check(BlockId.ITEMS, "Quality 2")
    guide.check(BlockId.ITEMS, "Prod 1")
    guide.submit()
    guide.look("choose, nothing chosen")
    guide.check(BlockId.ITEMS, "Prod 1")
    guide.submit()
    guide.look("one of several forwarded")
    guide.close()
    guide.rest()
    guide.look("a card with several, one forwarded")
    guide.be(ANA)
    guide.type("requests")
    guide.look("own requests")
    guide.press(Action.WITHDRAW)
    guide.rest()
    guide.look("withdrawn")
    guide.be(RUI, CHANNEL)
    guide.look("a card, withdrawn")
    thread(guide)
    for number in (1, 2):
        register(guide, ANA, 6 + number, "Production", f"Prod {1 + number}")
        guide.close()


def deadlines(guide: Guide) -> None:
    """Nobody answers: reminders, the company admins, the end; and the same for what a workflow asked."""
    ask(guide, ANA, "Prod 2")
    guide.close()
    guide.slack.run_step(Step.REQUEST, person=ANA, environment="Prod 3", reason="nightly installation")
    guide.rest()
    guide.be(ANA)
    guide.look("asked by a workflow")
    guide.be(EVA)
    guide.type("requests")
    guide.look("what waits for an administrator")
    for hours in (5, 20, 24):
        guide.pass_time(hours=hours)
    guide.be(RUI, CHANNEL)
    guide.look("reminders")
    guide.be(EVA)
    guide.look("the card of a company admin")
    guide.be(EVA, tab="home")
    guide.look("home, with what waits")
    guide.pass_time(days=6)
    guide.be(ANA)
    guide.look("expired")
    guide.be(RUI, CHANNEL)
    guide.look("a card, expired")
    thread(guide)


def late_files(guide: Guide) -> None:
    """A file that Slack does not take for a while, one that it refuses, and one that an operator takes."""
    ask(guide, ANA, "Prod 2")
    guide.close()
    guide.rest()
    guide.slack.weather(fault="server_error", method=FILES)
    guide.be(RUI, CHANNEL)
    guide.press(Action.FORWARD)
    guide.pass_time(minutes=6)
    guide.be(ANA)
    guide.look("a file that is late")
    guide.press(Action.SEND_AGAIN)
    guide.look("sent again")
    guide.slack.clear_weather()
    guide.pass_time(minutes=30)
    guide.be(ANA)
    guide.look("a file that came late")
    guide.slack.weather(fault="refused", method=FILES, error="invalid_arguments")
    ask(guide, EVA, "Prod 3", "moving")
    guide.look("got directly")
    guide.close()
    guide.rest()
    guide.slack.clear_weather()
    ask(guide, OLGA, "Prod 3", "support case 7")
    guide.close()
    guide.rest()
    guide.be(OLGA)
    guide.look("a lost delivery")
    guide.be(RUI)
    guide.look("what an operator took")


def closing(guide: Guide) -> None:
    """A request whose environment is released meanwhile."""
    ask(guide, BEN, "Quality 2")
    guide.close()
    guide.rest()
    guide.be(TOM)
    guide.type("release Quality 2")
    guide.fill(BlockId.REASON, "moved to another place")
    guide.submit()
    guide.close()
    guide.rest()
    guide.be(BEN)
    guide.look("closed")
    guide.be(RUI, CHANNEL)
    guide.look("a card, closed")
    thread(guide)
    guide.be(RUI)
    guide.look("everything that the technical contact was told")
