"""The part of the walk about environments: registering, versions, serial numbers, releasing, checking."""

from handlers.blocks.ids import Action, BlockId
from tests.page.guide import Guide

VERSION = "11.17.0 (Build 36348)"
ANA, BEN, RUI, EVA, TOM, OTTO, OLGA = "U0ANA", "U0BEN", "U0RUI", "U0EVA", "U0TOM", "U0OTTO", "U0OLGA"


def serial(number: int) -> str:
    return f"7QK-4ZP-M2X-9HB-T5R-C8W-E0N-{number:03}"


def register(guide: Guide, user: str, number: int, kind: str, slot: str, place: str = "Acme Core") -> None:
    """Register an environment, as far as the words that say so."""
    guide.be(user)
    guide.type("register")
    if guide.page.locator(f"#modal [data-block='{BlockId.INFRASTRUCTURE}']").count():
        guide.choose(BlockId.INFRASTRUCTURE, place, told=True)
    guide.check(BlockId.ENVIRONMENT_TYPE, kind, told=True)
    guide.choose(BlockId.SLOT, slot)
    guide.fill(BlockId.SERIAL, serial(number))
    guide.fill(BlockId.VERSION, VERSION)
    guide.submit()


def registering(guide: Guide) -> None:
    """The form with each of its errors, what it comes to, and taking it back."""
    guide.be(ANA)
    guide.type("register")
    guide.look("register, nothing chosen")
    guide.choose(BlockId.INFRASTRUCTURE, "Acme Core", told=True)
    guide.check(BlockId.ENVIRONMENT_TYPE, "Non-production", told=True)
    guide.submit()
    guide.look("register, nothing typed")
    for typed, version in (
        (serial(1)[:-1], "Oct.2019 CP2"),
        ("AC1.K7Q.2MX.9PL.4RT.8WZ.3VB.6NC", VERSION),
        (serial(1), "Oct.2019 CP2"),
        (serial(1), "12.0.1.5"),
    ):
        guide.fill(BlockId.SERIAL, typed)
        guide.fill(BlockId.VERSION, version)
        guide.submit()
        guide.look(f"register, {typed} {version} refused")
    guide.fill(BlockId.VERSION, VERSION)
    guide.submit()
    guide.look("registered")
    guide.press(Action.UNDO)
    guide.look("undone")
    guide.close()
    register(guide, ANA, 1, "Non-production", "Quality 1")
    guide.close()
    guide.type(f"register {serial(1)}")
    guide.look("registered already")


def versions(guide: Guide) -> None:
    """A version that has changed, and a serial number that is registered elsewhere."""
    guide.be(ANA)
    guide.type(f"register {serial(1)} 11.18.0 (Build 1)")
    guide.look("change version")
    guide.submit()
    guide.look("version changed")
    guide.close()
    register(guide, ANA, 1, "Development", "Development 1")
    guide.look("register, in another slot")
    guide.close()
    register(guide, OTTO, 1, "Production", "Production 1", "Globex Core")
    guide.look("register, in another infrastructure")
    guide.close()
    guide.rest()


def full(guide: Guide) -> None:
    """No slot is free, for somebody who may release one and for somebody who may not."""
    register(guide, EVA, 2, "Management", "Management 1")
    guide.look("registered by an administrator")
    guide.close()
    for user in (EVA, ANA):
        guide.be(user)
        guide.shortcut("Register")
        guide.choose(BlockId.INFRASTRUCTURE, "Acme Core", told=True)
        guide.check(BlockId.ENVIRONMENT_TYPE, "Management", told=True)
        guide.look("register, none free")
        guide.close()


def replacing(guide: Guide) -> None:
    """One environment is released, and another registered in its slot."""
    guide.be(EVA)
    guide.type(f"register {serial(9)} {VERSION}")
    guide.choose(BlockId.INFRASTRUCTURE, "Acme Core", told=True)
    guide.check(BlockId.ENVIRONMENT_TYPE, "Management", told=True)
    guide.press(Action.REPLACE)
    guide.look("release and register")
    guide.submit()
    guide.look("release and register, not filled in")
    guide.choose_if_there(BlockId.ENVIRONMENT, "Management 1")
    guide.fill(BlockId.REASON, "replaced by a new server")
    guide.fill(BlockId.SERIAL, serial(9)[:-1])
    guide.submit()
    guide.look("release and register, too short")
    guide.fill(BlockId.SERIAL, serial(9))
    guide.submit()
    guide.look("released and registered")
    guide.close()


def renaming(guide: Guide) -> None:
    """A slot that gets another name."""
    guide.be(EVA)
    guide.type("slots Acme Core")
    guide.look("slots, with a button to rename")
    guide.press(Action.RENAME)
    guide.look("rename")
    guide.choose(BlockId.SLOT, "Development 2")
    guide.fill(BlockId.NAME, "Quality 1")
    guide.submit()
    guide.look("rename, a name that is there")
    guide.fill(BlockId.NAME, "Build server")
    guide.submit()
    guide.look("renamed")
    guide.close()
    guide.rest()


def releasing(guide: Guide) -> None:
    """Releasing at once, and where the operators confirm it."""
    guide.be(EVA)
    guide.type("release")
    guide.look("release, one of several")
    guide.submit()
    guide.look("release, nothing chosen")
    guide.close()
    guide.type("release Management 1")
    guide.fill(BlockId.REASON, "the server was switched off")
    guide.submit()
    guide.look("released")
    guide.close()
    register(guide, ANA, 20, "Production", "Prod 1", "Acme Depot")
    guide.close()
    guide.be(TOM)
    guide.type(f"release {serial(20)}")
    guide.look("release, flagged")
    guide.fill(BlockId.REASON, "the depot has closed")
    guide.submit()
    guide.look("release, asked for")
    guide.close()
    guide.rest()
    guide.be(OLGA)
    guide.look("the card of a release")
    guide.press(Action.FORWARD)
    guide.rest()
    guide.look("the card of a release, confirmed")


def changing_serials(guide: Guide) -> None:
    """A serial number that changes: with the right at once, by request, refused."""
    guide.be(RUI)
    guide.type("serial-changed")
    guide.look("serial changed, one of several")
    guide.close()
    guide.type("serial-changed Quality 1")
    guide.fill(BlockId.SERIAL, serial(1)[:-2])
    guide.submit()
    guide.look("serial changed, too short")
    guide.fill(BlockId.SERIAL, serial(3))
    guide.submit()
    guide.look("serial changed at once")
    guide.close()
    guide.be(ANA)
    guide.type("serial-changed Quality 1")
    guide.fill(BlockId.SERIAL, serial(4))
    guide.fill(BlockId.REASON, "new hardware")
    guide.look("serial changed, to be asked for")
    guide.submit()
    guide.look("serial changed, asked for")
    guide.close()
    guide.rest()
    guide.be("U0ADA")
    guide.look("the card of a serial change")
    guide.press(Action.FORWARD)
    guide.rest()
    guide.look("the card of a serial change, confirmed")


def tables(guide: Guide) -> None:
    """A table of environments, with and without faults."""
    guide.be(ANA)
    guide.type("register")
    guide.press(Action.BULK)
    guide.look("register from a table")
    guide.submit()
    guide.look("register from a table, none given")
    columns = "infrastructure,environment type,slot,serial number,platform version"
    good = f"Acme Core,development,,{serial(31)},{VERSION}"
    bad = f"Acme Core,production,Prod 9,{serial(32)},{VERSION}"
    guide.put(BlockId.FILE, "new.csv", "\n".join((columns, good, bad)).encode())
    guide.submit()
    guide.look("a table, looked at")
    guide.submit()
    guide.look("a table, registered")
    guide.close()
    guide.type("register")
    guide.press(Action.BULK)
    guide.put(BlockId.FILE, "new.csv", "\n".join((columns, good, bad)).encode())
    guide.check(BlockId.ALL_OR_NOTHING, "All or nothing")
    guide.submit()
    guide.look("a table, all or nothing")
    guide.close()
    guide.rest()
    guide.be(ANA)
    guide.look("the result of a table")
