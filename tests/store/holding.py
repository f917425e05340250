"""Steps that the tests of the vendor's files share."""

from sqlalchemy import select, update

from store import deliverability, delivery_claims, held_uploads
from store.deliverability import Checked, Deliverable
from store.delivery_claims import COURIER
from store.desk import Actor, Desk
from store.held_uploads import Uploaded
from store.tables import deliveries, infrastructures
from tests.example import Example, serial
from tests.store.requesting import change


def hold(desk: Desk, example: Example) -> None:
    """From now on the vendor makes the license files of `core`."""
    change(desk, update(infrastructures).where(infrastructures.c.id == example.core).values(files="held"))


def made_for(number: int, more: str = "") -> bytes:
    """A file of the vendor's for a serial number."""
    return f"[license]\r\nserial = {serial(number)}\r\n{more}".encode()


def upload(
    desk: Desk,
    person: int,
    registration: int,
    content: bytes,
    name: str = "vendor.lic",
    *,
    confirmed: bool = False,
) -> Uploaded:
    """Upload a file."""
    return held_uploads.add(desk, Actor(person), registration, name, content, confirmed=confirmed)


def send_files(desk: Desk) -> list[Checked]:
    """Do what the courier does with the files that are due, and give what each of them came to."""
    came_to = []
    for delivery in delivery_claims.claim(desk, "lease", 100, 60):
        if delivery.kind != "file":
            delivery_claims.sent_alone(desk, COURIER, delivery)
            continue
        checked = deliverability.prepare(desk, COURIER, delivery)
        if isinstance(checked, Deliverable):
            deliverability.shared(desk, COURIER, delivery)
        came_to.append(checked)
    return came_to


def contents(checked: list[Checked]) -> list[bytes]:
    """The bytes that were sent."""
    return [each.content for each in checked if isinstance(each, Deliverable)]


def waiting_files(desk: Desk) -> int:
    """How many deliveries of files are queued and not due yet."""
    query = select(deliveries.c.id).where(
        deliveries.c.kind == "file", deliveries.c.state == "queued", deliveries.c.due_at > desk.clock()
    )
    with desk.database.read() as connection:
        return len(connection.execute(query).all())
