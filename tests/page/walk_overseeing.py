"""The part of the walk about what people look up, Home and subscriptions, for each kind of person."""

from collections.abc import Iterable
from dataclasses import replace

from handlers.blocks.ids import Action, BlockId
from handlers.commands import SUBCOMMANDS
from store import file_deletions, keys
from store.desk import Actor
from store.rules.key_states import KeyState
from store.signing import compromise_key
from tests.page.guide import Guide
from tests.page.walk_registering import ANA, EVA, OLGA, OTTO, RUI, TOM, VERSION, serial

IVO = "U0IVO"
KINDS = (ANA, "U0ADA", "U0FIONA", RUI, TOM, EVA, "U0MAX", OLGA, OTTO, "U0GIL", "U0NOA")


def commands(guide: Guide) -> None:
    """Every subcommand for each kind of person, and the Home of each."""
    for user in KINDS:
        guide.be(user)
        for each in SUBCOMMANDS:
            guide.ask(each.name)
        guide.rest()
        guide.look("what every command says")
        guide.be(user, tab="home")
        guide.look("home")
    guide.be(ANA)
    for typed in ("regsiter", "slots Nowhere", "request Nowhere", f"request {serial(99)}", "requests R-4711"):
        guide.type(typed)
    guide.look("what is not there")


def checking(guide: Guide) -> None:
    """A serial number and a file that are checked, and nothing to check."""
    guide.be(ANA)
    guide.type("check")
    guide.look("check")
    guide.submit()
    guide.look("check, nothing given")
    file = guide.slack.files(ANA)[-1]
    guide.put(BlockId.FILE, file.name, guide.slack.download(file))
    guide.submit()
    guide.look("a file, checked")
    guide.close()
    guide.type("check")
    guide.put(BlockId.FILE, "notes.txt", b"not a license")
    guide.submit()
    guide.look("something else, checked")
    guide.close()
    guide.type(f"check {serial(1)}")
    guide.look("a serial number, checked")


def history(guide: Guide) -> None:
    """Pages of the history, a report, and the revocation list."""
    guide.be(EVA)
    guide.type("history")
    guide.press(Action.HISTORY_OLDER)
    guide.look("older history")
    guide.press(Action.HISTORY_NEWEST)
    guide.type("history Prod 1")
    guide.look("history, of which environment")
    guide.press(Action.HISTORY)
    guide.look("history of an environment")
    guide.type("report Acme Logistics")
    guide.rest()
    guide.look("a report")
    guide.type("revocations")
    guide.rest()
    guide.look("the revocation list")


def home(guide: Guide) -> None:
    """What is pressed in Home."""
    guide.be(OLGA, tab="home")
    guide.press(Action.HOME_PAGE)
    guide.look("home, second page")
    guide.press(Action.HOME_SEARCH)
    guide.look("search")
    guide.submit()
    for typed in (" ", "R-1001"):
        guide.fill(BlockId.SEARCH, typed)
        guide.submit()
        guide.look(f"searched for {typed}")
    guide.close()
    guide.be(EVA, tab="home")
    guide.press(Action.HOME_ENVIRONMENTS)
    guide.look("environments, from home")
    guide.close()
    guide.press(f"{Action.HOME_COMMAND}:slots")
    guide.look("a command, from home")
    guide.close()
    guide.be(ANA, tab="home")
    guide.press(Action.HOME_REQUEST)
    guide.look("a request, from home")
    guide.close()


def many(guide: Guide) -> None:
    """Somebody with more infrastructures, environments and free slots than a menu holds."""
    guide.be(IVO)
    guide.type("register")
    guide.look("register, too many to list")
    guide.press(Action.BULK)
    guide.put(BlockId.FILE, "plant.csv", _plant(range(200, 302)))
    guide.submit()
    guide.submit()
    guide.look("a large table, registered")
    guide.close()
    guide.type("register")
    guide.choose(BlockId.INFRASTRUCTURE, "Plant 000", told=True)
    guide.choose(BlockId.SLOT, "Production 104")
    guide.look("register, too many slots to list")
    guide.press(Action.BULK)
    guide.put(BlockId.FILE, "the rest.csv", _plant(range(302, 404)))
    guide.submit()
    guide.submit()
    guide.close()
    guide.type("register")
    guide.choose(BlockId.INFRASTRUCTURE, "Plant 000", told=True)
    guide.press(Action.REPLACE)
    guide.look("release and register, too many to list")
    guide.close()
    guide.type("slots Plant 000")
    guide.press(Action.RENAME)
    guide.look("rename, too many slots to list")
    guide.close()
    for command in ("release", "serial-changed", "request", "upload"):
        guide.type(command)
        guide.look(f"{command}, too many to list")
        guide.close()
    guide.type("people")
    guide.look("people, too many to list")
    guide.choose_here("Plant 007")
    guide.type("slots")
    guide.choose_here("Plant 007")
    guide.look("another infrastructure")


def _plant(numbers: Iterable[int]) -> bytes:
    """A table that registers one environment for each number."""
    columns = "infrastructure,environment type,serial number,platform version"
    rows = [f"Plant 000,production,{serial(number)},{VERSION}" for number in numbers]
    return "\n".join((columns, *rows)).encode()


def alarming(guide: Guide) -> None:
    """What operators are told of: somebody who is refused again and again, and a key that was compromised."""
    for _ in range(guide.desk.policy.refusals_most + 1):
        guide.slack.command("U0MAX", f"request {serial(99)}")
    guide.be("U0MAX")
    guide.type("slots")
    guide.look("refused for a while")
    guide.pass_time(minutes=11)
    with guide.desk.database.read() as connection:
        [active] = [each for each in keys.list_keys(connection) if each.state is KeyState.ACTIVE]
    compromise_key(guide.desk, Actor(None, "command"), active.kid)
    guide.rest()
    guide.be(OLGA)
    guide.look("what operators are told")


def deleting(guide: Guide) -> None:
    """Files that are deleted from Slack after a day, and what stands there afterwards."""
    guide.pass_time(days=2)
    policy = replace(guide.desk.policy, delete_files_after_days=1)
    guide.slack.weather(fault="refused", method="files.delete", error="not_allowed_token_type", calls=1)
    file_deletions.queue_due(replace(guide.desk, policy=policy))
    guide.rest()
    guide.be(RUI)
    guide.look("files that were deleted")
    guide.be(OLGA)
    guide.look("a file that could not be deleted")


def subscriptions(guide: Guide) -> None:
    """Suspended, reinstated and renewed by an operator, with what people are told."""
    guide.be(OLGA)
    guide.type("subscription Acme Core")
    guide.press(Action.SUSPEND)
    guide.look("suspend")
    guide.submit()
    guide.look("suspend, without a reason")
    guide.fill(BlockId.REASON, "invoice overdue")
    guide.submit()
    guide.look("suspended")
    guide.close()
    guide.rest()
    guide.be(ANA)
    guide.type("request Quality 1")
    guide.look("request, while suspended")
    guide.close()
    guide.be(OLGA)
    guide.type("subscription Acme Core")
    guide.look("a suspended subscription")
    guide.press(Action.REINSTATE)
    guide.look("reinstate")
    guide.submit()
    guide.look("reinstated")
    guide.close()
    guide.pass_time(minutes=1)
    guide.type("subscription Acme Core")
    guide.press(Action.RENEW)
    guide.look("renew")
    guide.fill(BlockId.ENDS, "2026-01-31")
    guide.fill(BlockId.HIGHEST_VERSION, "eleven")
    guide.submit()
    guide.look("renew, refused")
    guide.fill(BlockId.HIGHEST_VERSION, "12")
    guide.submit()
    guide.look("renew, refused for its end")
    guide.close()
    guide.be(RUI)
    guide.look("files after a suspension")


def ending(guide: Guide) -> None:
    """The end of a term: reminders before it, in grace, after it; and a renewal."""
    guide.pass_time(days=270)
    guide.be(EVA)
    guide.look("reminded of the end")
    guide.be(EVA, tab="home")
    guide.look("home before the end")
    guide.pass_time(days=30)
    guide.be(ANA)
    guide.type("register")
    guide.look("register, in grace")
    guide.close()
    guide.be(OLGA)
    guide.type("subscription Acme Core")
    guide.press(Action.RENEW)
    guide.submit()
    guide.look("renewed")
    guide.close()
    guide.pass_time(minutes=1)
    guide.be(RUI)
    guide.look("files after a renewal")
    guide.pass_time(days=20)
    guide.be(EVA)
    guide.look("told of ends")
    guide.be(ANA)
    guide.type("register")
    guide.choose(BlockId.INFRASTRUCTURE, "Acme Depot", told=True)
    guide.look("register, ended")
    guide.close()
