"""Two companies alike, each with one of everything that a payload can be about, and people who are after it."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import insert, select, update

from store import access_requests, decisions, keys, stand_ins
from store.desk import Actor, Desk
from store.tables import access_requests as access_rows
from store.tables import deliveries, infrastructures, persons, request_items, requests, roles, slots
from tests.example import START, Example
from tests.store.peopling import newcomer
from tests.store.requesting import change, give_role, put, registered

REASON = "the old server hums"
NAME = "Acme Nucleus"
"""Words that nobody outside may read."""


@dataclass(frozen=True, slots=True)
class Ids:
    """What payloads about one infrastructure are about.

    `registration` waits in `request` and `item`; `fresh` is registered just now and asked for by nobody, `slot`
    is free and `taken` is not. `resting` is a role that rests, `role` the technical contact's.
    """

    infrastructure: int
    registration: int
    fresh: int
    slot: int
    taken: int
    request: int
    item: int
    declined: int
    forwarded: int
    stand_in: int
    contact: int
    resting: int
    role: int
    holder: int
    access: int


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays in one company: a member who asks, a contact who decides."""

    infrastructure: int
    slots: tuple[int, ...]
    member: int
    contact: int
    first_serial: int


def stage(desk: Desk, example: Example) -> tuple[Ids, Ids]:
    """Write both companies, and give the ids of Acme Core and of Globex Core."""
    with desk.database.write() as connection:
        keys.init(connection, desk.vault, desk.clock())
    gil = newcomer(desk, "Gil Hart", email="gil.hart@globex.example", company_id=example.globex_company)
    give_role(desk, gil, "technical_contact", example.globex)
    more = _more_slots(desk, example.globex)
    # Its own name stands as an example in a hint, which everybody may read.
    change(desk, update(infrastructures).where(infrastructures.c.id == example.core).values(name=NAME))
    acme = Cast(example.core, (*example.quality, *example.production), example.ben, example.rui, 1)
    globex = Cast(example.globex, more, example.otto, gil, 101)
    played = _play(desk, acme), _play(desk, globex)
    # What was to be sent of all this has arrived; only the files did not.
    arrived = update(deliveries).where(deliveries.c.kind != "file").values(state="sent")
    change(desk, arrived)
    return played


def _more_slots(desk: Desk, infrastructure_id: int) -> tuple[int, ...]:
    rows = [
        {"infrastructure_id": infrastructure_id, "environment_type": "production", "name": f"Globex {each}"}
        for each in range(5)
    ]
    with desk.database.write() as connection:
        return tuple(
            connection.execute(insert(slots).values(each).returning(slots.c.id)).scalar_one() for each in rows
        )


def _play(desk: Desk, cast: Cast) -> Ids:
    waits, declined, forwarded, fresh = (
        registered(desk, cast.member, slot, cast.first_serial + number)
        for number, slot in enumerate(cast.slots[:4])
    )
    no, yes = put(desk, cast.member, declined), put(desk, cast.member, forwarded)
    decisions.decline(desk, Actor(cast.contact), no, None, REASON)
    decisions.forward(desk, Actor(cast.contact), yes)
    change(desk, update(deliveries).where(deliveries.c.kind == "file").values(state="failed"))
    open_request = put(desk, cast.member, waits)
    standing_in = _standing_in(desk, cast)
    resting, role = _roles(desk, cast)
    return Ids(
        infrastructure=cast.infrastructure,
        registration=waits,
        fresh=fresh,
        slot=cast.slots[4],
        taken=cast.slots[0],
        request=open_request,
        item=_item(desk, open_request),
        declined=_item(desk, no),
        forwarded=_item(desk, yes),
        stand_in=standing_in,
        contact=cast.contact,
        resting=resting,
        role=role,
        holder=cast.member,
        access=_access(desk, cast.infrastructure),
    )


def _item(desk: Desk, request_id: int) -> int:
    with desk.database.read() as connection:
        query = select(request_items.c.id).join(requests).where(requests.c.id == request_id)
        return int(connection.execute(query).scalar_one())


def _standing_in(desk: Desk, cast: Cast) -> int:
    today = START.date()
    person = newcomer(desk, f"Stand-{cast.infrastructure} In", company_id=_company(desk, cast))
    made = stand_ins.name_stand_in(
        desk, Actor(cast.contact), cast.infrastructure, cast.contact, person, today, today + timedelta(days=6)
    )
    return made.id


def _roles(desk: Desk, cast: Cast) -> tuple[int, int]:
    rests = newcomer(desk, f"Rest-{cast.infrastructure} Ing", company_id=_company(desk, cast))
    with desk.database.write() as connection:
        values = {"role": "member", "infrastructure_id": cast.infrastructure, "held_from": START}
        made = insert(roles).values(person_id=rests, state="resting", **values).returning(roles.c.id)
        resting = int(connection.execute(made).scalar_one())
        own = (roles.c.person_id == cast.contact, roles.c.role == "technical_contact")
        return resting, int(connection.execute(select(roles.c.id).where(*own)).scalar_one())


def _access(desk: Desk, infrastructure_id: int) -> int:
    asks = newcomer(desk, f"Asks-{infrastructure_id} Access")
    with desk.database.read() as connection:
        query = select(infrastructures.c.activation_code).where(infrastructures.c.id == infrastructure_id)
        code = connection.execute(query).scalar_one()
    access_requests.ask(desk, Actor(asks), code)
    with desk.database.read() as connection:
        return int(
            connection.execute(select(access_rows.c.id).where(access_rows.c.person_id == asks)).scalar_one()
        )


def _company(desk: Desk, cast: Cast) -> int | None:
    with desk.database.read() as connection:
        query = select(persons.c.company_id).where(persons.c.id == cast.member)
        found: int | None = connection.execute(query).scalar_one()
        return found
