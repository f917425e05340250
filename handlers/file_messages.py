"""The message that carries a license file: how to install it, its checksum and until when it is valid."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from handlers import phrases
from handlers.blocks.ids import Action
from handlers.blocks.kit import Block, actions, button, fields_lines, message, section
from handlers.blocks.text import last_day, link, plain, quote
from handlers.deleted_files import beforehand
from store import held_files, licenses
from store.desk import Desk
from store.held_files import HeldFile
from store.infrastructures import Product
from store.license_file import file_name
from store.licenses import License
from store.request_views import ItemView, RequestView, items_of, view
from store.rules.request_states import ItemState

Lines = list[tuple[str, str]]
_NOT_NAMED: Final = (
    "the file does not name the serial number; whoever uploaded it confirmed that it is the right one"
)


def file_message(connection: Connection, desk: Desk, item_id: int) -> dict[str, Any]:
    """Draw the message of an item's license file.

    Besides `text` and `blocks` it has the file's `filename` and `title`. Raises ValueError for an item whose
    license was not made yet.
    """
    item = items_of(connection, [item_id])[0]
    request = view(connection, item.request_id)
    name, facts, registration_id = _about(connection, item, desk.clock())
    summary = _summary(request, item)
    blocks = [
        section(summary),
        section(_install(request.infrastructure.product)),
        fields_lines([*facts, *_until(desk)]),
        _buttons(item, registration_id),
    ]
    drawn = message(summary, blocks)
    return {**drawn, "filename": name, "title": _title(item)}


def _about(connection: Connection, item: ItemView, now: datetime) -> tuple[str, Lines, int]:
    """The name of a file, what is said of it, and the registration that it is for."""
    if item.held_file_id is not None:
        held = held_files.get(connection, item.held_file_id)
        return held.name, _facts_of_held(item, held), held.registration_id
    if item.license_id is None:
        raise ValueError("a file is sent once its license is made")
    issued = licenses.get(connection, item.license_id)
    return file_name(_serial(item)), _facts(item, issued, now), issued.registration_id


def _serial(item: ItemView) -> str:
    """The serial number that an item's license is for: of a serial change, the new one."""
    return item.new_serial or item.serial


def _title(item: ItemView) -> str:
    return f"License file of {plain(item.environment.slot_name)}"


def _summary(request: RequestView, item: ItemView) -> str:
    said = f"{request.number}: here is the license file of {phrases.environment(item.environment)}"
    forwarded = f", forwarded by {phrases.name(item.decider)}" if item.state is ItemState.FORWARDED else ""
    workflow = " A workflow asked for it in your name." if request.through_workflow else ""
    return f"{said}, {phrases.place(request)}{forwarded}.{workflow}"


def _install(product: Product) -> str:
    steps = [
        f"To install it in {quote(product.console_name, 80)}:",
        "1. Back up the present license file, if there is one.",
        f"2. Upload this file at {quote(product.upload_path, 200)}.",
        f"3. If it is refused, compare the serial number below with that at {quote(product.menu_path, 200)}.",
    ]
    if product.install_url:
        steps.append(link(product.install_url, "More about installing it"))
    return "\n".join(steps)


def _facts(item: ItemView, issued: License, now: datetime) -> Lines:
    return [
        ("Serial number", _serial(item)),
        ("Platform version", quote(item.platform_version)),
        ("Valid", _validity(issued, now)),
        ("SHA-256 of the file", f"`{issued.sha256}`"),
    ]


def _facts_of_held(item: ItemView, held: HeldFile) -> Lines:
    unnamed = [("Note", _NOT_NAMED)] if held.names_serial is False else []
    return [
        ("Serial number", _serial(item)),
        ("Platform version", quote(item.platform_version)),
        ("Made by", f"the vendor; uploaded {phrases.on(held.uploaded_at)}, file number {held.version}"),
        ("SHA-256 of the file", f"`{held.sha256}`"),
        *unnamed,
    ]


def _until(desk: Desk) -> list[tuple[str, str]]:
    deleted = beforehand(desk.policy, desk.clock())
    return [("Deleted from Slack", deleted)] if deleted else []


def _validity(issued: License, now: datetime) -> str:
    if issued.license_end is None or issued.expires_at is None:
        return "without an end"
    last = last_day(issued.license_end)
    grace = last_day(issued.expires_at)
    if now >= issued.license_end:
        return f"until {last}, which has passed; it goes on working in grace until {grace}"
    return f"until {last}, and after that in grace until {grace}"


def _buttons(item: ItemView, registration_id: int) -> Block:
    label = f"Serial changed: {plain(item.environment.slot_name)}"
    return actions(
        [button("Serial changed", Action.CHANGE_SERIAL, str(registration_id), accessibility_label=label)]
    )
