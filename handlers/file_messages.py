"""The message that carries a license file: how to install it, its checksum and until when it is valid."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from handlers import phrases
from handlers.blocks.ids import Action
from handlers.blocks.kit import Block, actions, button, message, section
from handlers.blocks.text import date, link, quote
from store import licenses
from store.desk import Desk
from store.infrastructures import Product
from store.license_file import file_name
from store.licenses import License
from store.request_views import ItemView, RequestView, items_of, view
from store.rules.request_states import ItemState


def file_message(connection: Connection, desk: Desk, item_id: int) -> dict[str, Any]:
    """Draw the message of an item's license file.

    Besides `text` and `blocks` it has the file's `filename` and `title`. The item has its license.
    """
    item = items_of(connection, [item_id])[0]
    request = view(connection, item.request_id)
    if item.license_id is None:
        message_ = "a file is sent once its license is made"
        raise ValueError(message_)
    issued = licenses.get(connection, item.license_id)
    summary = _summary(request, item)
    blocks = [section(summary), section(_install(request.infrastructure.product))]
    blocks += [section("\n".join(_facts(item, issued, desk.clock()))), _buttons(item)]
    drawn = message(summary, blocks)
    return {**drawn, "filename": file_name(issued_serial(item)), "title": _title(item)}


def issued_serial(item: ItemView) -> str:
    """The serial number that an item's license is for."""
    return item.new_serial or item.serial


def _title(item: ItemView) -> str:
    return f"License file of {item.environment.slot_name}"[:200]


def _summary(request: RequestView, item: ItemView) -> str:
    said = f"{request.number}: here is the license file of {phrases.environment(item.environment)}"
    forwarded = f", forwarded by {phrases.name(item.decider)}" if item.state is ItemState.FORWARDED else ""
    return f"{said}, {phrases.place(request)}{forwarded}."


def _install(product: Product) -> str:
    steps = [
        f"To install it in {quote(product.console_name, 80)}:",
        "1. Back up the present license, if there is one.",
        f"2. Upload this file at {quote(product.upload_path, 200)}.",
        f"3. If it is refused, compare the serial number below with the one at {quote(product.menu_path, 200)}.",
    ]
    if product.install_url:
        steps.append(link(product.install_url, "More about installing it"))
    return "\n".join(steps)


def _facts(item: ItemView, issued: License, now: datetime) -> list[str]:
    return [
        f"Serial number: {issued_serial(item)}",
        f"Platform version: {item.platform_version}",
        f"Valid: {_validity(issued, now)}",
        f"SHA-256: `{issued.sha256}`",
    ]


def _validity(issued: License, now: datetime) -> str:
    if issued.license_end is None or issued.expires_at is None:
        return "without an end"
    # Ends are first moments after; people read the last day that is still inside.
    last = date(issued.license_end - timedelta(seconds=1), "{date_long}")
    grace = date(issued.expires_at - timedelta(seconds=1), "{date_long}")
    if now >= issued.license_end:
        return f"until {last}, which has passed; it goes on working in grace until {grace}"
    return f"until {last}, and in grace until {grace}"


def _buttons(item: ItemView) -> Block:
    label = f"Serial changed: {item.environment.slot_name}"
    registration = str(
        item.environment.registration.id if item.environment.registration else item.registration_id
    )
    changed = button("Serial changed", Action.CHANGE_SERIAL, registration, accessibility_label=label)
    return actions([changed])
