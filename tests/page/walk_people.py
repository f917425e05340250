"""The part of the walk about people: who is who, roles, stand-ins, successors, access, leaving and coming back."""

from handlers.blocks.ids import Action, BlockId
from store.desk import Actor
from store.welcoming import welcome
from tests.page.guide import Guide
from tests.page.walk_registering import ANA, BEN, EVA, OLGA, RUI, TOM

NOA, FIONA = "U0NOA", "U0FIONA"


def roles(guide: Guide) -> None:
    """Who is who, and a role that changes."""
    guide.be(EVA)
    guide.type("people")
    guide.look("people, to choose an infrastructure")
    guide.choose_here("Acme Depot")
    guide.look("people of the depot")
    guide.type("people Acme Core")
    guide.look("people")
    guide.press(Action.SET_ROLE)
    guide.look("change a role")
    guide.submit()
    guide.look("change a role, none chosen")
    guide.choose(BlockId.ROLE, "Additional contact", told=True)
    guide.submit()
    guide.look("change a role, nobody chosen")
    guide.choose(BlockId.ADD, "Ana Silva")
    guide.submit()
    guide.look("role changed")
    guide.close()
    guide.rest()
    guide.be(ANA)
    guide.look("a new role")
    guide.be(TOM)
    guide.look("a role that somebody else got")


def channel(guide: Guide) -> None:
    """Another approval channel, and one that the app is not in."""
    guide.slack.remove_bot("C0RANDOM")
    guide.be(EVA)
    guide.press(Action.SET_CHANNEL)
    guide.look("approval channel")
    guide.choose(BlockId.CHANNEL, "#random")
    guide.submit()
    guide.look("approval channel, without the app")
    guide.close()
    guide.press(Action.SET_CHANNEL)
    guide.choose(BlockId.CHANNEL, "#acme-core")
    guide.submit()
    guide.look("approval channel set")
    guide.close()
    guide.rest()
    guide.be(TOM)
    guide.look("told of the approval channel")


def stand_ins(guide: Guide) -> None:
    """A stand-in, named with a mistake first, and ended."""
    guide.be(RUI)
    guide.type("people Acme Core")
    guide.press(Action.NAME_STAND_IN)
    guide.look("name a stand-in")
    guide.submit()
    guide.look("name a stand-in, nobody chosen")
    guide.choose(BlockId.STAND_IN, "Ben Okafor")
    guide.fill(BlockId.LAST_DAY, "2026-12-24")
    guide.submit()
    guide.look("name a stand-in, too long")
    guide.fill(BlockId.LAST_DAY, guide.desk.clock().date().replace(day=28).isoformat())
    guide.submit()
    guide.look("stand-in named")
    guide.close()
    guide.rest()
    guide.be(BEN)
    guide.look("told to stand in")
    guide.be(RUI)
    guide.type("people Acme Core")
    guide.look("people with a stand-in")
    guide.press(Action.END_STAND_IN)
    guide.rest()
    guide.look("stand-in ended")


def successors(guide: Guide) -> None:
    """Roles that are handed over, one of which only operators can give."""
    guide.be(FIONA)
    guide.type("people Acme Core")
    guide.press(Action.HAND_OVER)
    guide.look("hand over")
    guide.choose(BlockId.ROLES, "financial contact")
    guide.submit()
    guide.look("hand over, no role chosen")
    guide.choose(BlockId.ROLES, "financial contact")
    guide.choose(BlockId.SUCCESSOR, "Ada Novak")
    guide.submit()
    guide.look("handed over")
    guide.close()
    guide.rest()
    guide.be(OLGA)
    guide.look("asked to give a role")
    guide.press(Action.TAKE_OVER)
    guide.rest()
    guide.look("role given")


def leaving(guide: Guide) -> None:
    """Somebody is deactivated in Slack and comes back."""
    guide.slack.deactivate(TOM)
    guide.slack.wait_for(lambda: [each for each in guide.slack.direct(EVA) if "roles rest" in each.text])
    guide.be(EVA)
    guide.type("people Acme Core")
    guide.look("people, one of them deactivated")
    guide.slack.reactivate(TOM)
    guide.slack.wait_for(lambda: [each for each in guide.slack.direct(EVA) if "is back" in each.text])
    guide.rest()
    guide.type("people Acme Core")
    guide.look("people, one of them back")
    guide.press(f"{Action.CONFIRM_ROLES}", at="#log")
    guide.look("confirm roles")
    guide.choose(BlockId.ROLES, "Tom Berg")
    guide.submit()
    guide.look("confirm roles, none chosen")
    guide.choose(BlockId.ROLES, "Tom Berg")
    guide.submit()
    guide.look("roles confirmed")
    guide.close()
    guide.rest()


def access(guide: Guide) -> None:
    """Somebody without a role asks for access: declined first, and added then."""
    guide.be(NOA)
    guide.type("slots")
    guide.look("somebody without a role")
    guide.say("hello, is anybody there?")
    guide.look("help for somebody without a role")
    for answer, typed, decider in (
        (Action.DECLINE_ACCESS, "AC1.K7Q.2MX.9PL.4RT.8WZ.3VB.6NC", EVA),
        (Action.ADD_MEMBER, "I look after the servers of Acme", OLGA),
    ):
        guide.be(NOA)
        guide.press(Action.ASK_ACCESS)
        guide.look("ask for access")
        guide.submit()
        guide.look("ask for access, nothing typed")
        guide.fill(BlockId.ACCESS, typed)
        guide.submit()
        guide.look("asked for access")
        guide.close()
        guide.rest()
        guide.be(decider)
        guide.look("access asked for")
        guide.press(answer)
        guide.rest()
        guide.look("access answered")
    guide.submit()
    guide.look("add as member, nothing chosen")
    guide.choose(BlockId.INFRASTRUCTURE, "Acme Core")
    guide.submit()
    guide.look("added as member")
    guide.close()
    guide.rest()
    guide.be(NOA)
    guide.look("what became of asking for access")


def welcoming(guide: Guide) -> None:
    """Everybody is welcomed, and what they write is answered."""
    welcome(guide.desk, Actor(None, "command"), ["Acme Logistics"], everywhere=True)
    guide.rest()
    guide.be(ANA)
    guide.say("where is my license?")
    guide.look("welcome and help")
    guide.be(EVA)
    guide.look("everything that a company admin was told")
