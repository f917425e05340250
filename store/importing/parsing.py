"""From the sections of a file to its content."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

from store.importing.content import (
    Document,
    InfrastructureEntry,
    PersonEntry,
    Place,
    ProductEntry,
    Reference,
    RoleEntry,
    SlotsEntry,
    SubscriptionEntry,
)
from store.importing.hours import time_zone, working_hours
from store.importing.reading import Section, day
from store.rules.environments import EnvironmentType
from store.rules.rights import RoleName
from store.rules.serials import parse_activation_code
from store.rules.versions import parse_highest

PERPETUAL = "perpetual"
RESTING = " (resting)"
MOST_SLOTS = 100_000

_SLACK_ID = re.compile(r"[UW][A-Z0-9]{2,19}")
_CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{2,19}")
_WORKSPACE_ID = re.compile(r"[TE][A-Z0-9]{2,19}")
_EMAIL = re.compile(r"[^@\s\"<>,;()]+@[^@\s\"<>,;()]+")
_SINGLE = {"financial_contact": RoleName.FINANCIAL_CONTACT, "technical_contact": RoleName.TECHNICAL_CONTACT}
_SEVERAL = {
    "additional_contacts": RoleName.ADDITIONAL_CONTACT,
    "infrastructure_admins": RoleName.INFRASTRUCTURE_ADMIN,
    "members": RoleName.MEMBER,
}


def document(section: Section) -> Document:
    """Read one document: with `company` a company, else the desk itself."""
    parsed = _company(section) if "company" in section else _desk(section)
    section.finish()
    return parsed


def _desk(section: Section) -> Document:
    return Document(
        company=None,
        values={},
        workspace=section.parsed("workspace", _workspace_id),
        products=tuple(_product(each) for each in section.sections("products")),
        people=tuple(_person(each) for each in section.sections("people")),
        roles=_several(section, {"operators": RoleName.OPERATOR, "auditors": RoleName.AUDITOR}),
        infrastructures=None,
        place=_place(section, "workspace"),
    )


def _company(section: Section) -> Document:
    section.need("company")
    infrastructures = section.sections("infrastructures")
    return Document(
        company=section.text("company", 120) or "",
        values=_account_manager(section),
        workspace=section.parsed("workspace", _workspace_id),
        products=(),
        people=tuple(_person(each) for each in section.sections("people")),
        roles=_several(section, {"admins": RoleName.COMPANY_ADMIN, "auditors": RoleName.AUDITOR}),
        infrastructures=tuple(map(_infrastructure, infrastructures))
        if "infrastructures" in section
        else None,
        place=_place(section, "company"),
    )


def _account_manager(section: Section) -> dict[str, object]:
    manager = section.section("account_manager")
    if manager is None:
        return {}
    manager.need("name", "email")
    found: dict[str, object] = {
        "account_manager_name": manager.text("name", 120),
        "account_manager_email": manager.parsed("email", _email),
    }
    manager.finish()
    return found


def _product(section: Section) -> ProductEntry:
    section.need("name")
    lengths = {"audience": 200, "console_name": 80, "menu_path": 200, "upload_path": 200, "install_url": 500}
    texts: dict[str, object] = {name: section.text(name, most) for name, most in lengths.items()}
    texts["permitted_use"] = _permitted_use(section)
    product = ProductEntry(section.text("name", 80) or "", _present(texts), _place(section, "name"))
    section.finish()
    return product


def _permitted_use(section: Section) -> dict[str, object] | None:
    uses = section.section("permitted_use")
    if uses is None:
        return None
    found: dict[str, object] = {str(each): uses.text(each, 500) for each in EnvironmentType}
    uses.finish()
    return dict(_present(found))


def _person(section: Section) -> PersonEntry:
    section.need("name")
    person = PersonEntry(
        name=section.text("name", 120) or "",
        slack_id=section.parsed("slack_id", _slack_id),
        seen_as=section.parsed("seen_as", _slack_id),
        email=section.parsed("email", _email),
        zone=section.parsed("zone", time_zone),
        place=_place(section, "name"),
    )
    if not any(name in section for name in ("slack_id", "email", "seen_as")):
        section.problem("name", "slack_id or email is needed, so that the person can be recognized")
    section.finish()
    return person


def _infrastructure(section: Section) -> InfrastructureEntry:
    section.need("name", "activation_code", "product")
    values = {
        "hosting": section.choice("hosting", ("on_premises", "cloud")),
        "files": section.choice("files", ("signed", "held")),
        "approval_channel": section.parsed("approval_channel", _channel_id),
        "flagged": section.flag("flagged"),
    }
    infrastructure = InfrastructureEntry(
        name=section.text("name", 120) or "",
        activation_code=section.parsed("activation_code", parse_activation_code) or "",
        product=section.text("product", 80) or "",
        values={**_present(values), **working_hours(section)},
        subscription=_subscription(section),
        slots=_slots(section),
        roles=_roles(section),
        place=_place(section, "name"),
    )
    section.finish()
    return infrastructure


def _subscription(below: Section) -> SubscriptionEntry | None:
    section = below.section("subscription")
    if section is None:
        return None
    section.need("edition", "starts", "ends", "highest_version")
    values = {
        "edition": section.text("edition", 80),
        "features": _listed(section.texts("features", 80)),
        "limits": section.numbers("limits"),
        "highest_version": section.parsed("highest_version", parse_highest),
        "grace_days": section.number("grace_days", 0, 3650),
        "state": section.choice("state", ("active", "suspended")),
    }
    starts, ends = section.parsed("starts", day), section.parsed("ends", _end)
    since = section.parsed("unbroken_since", day)
    _check_term(section, starts, ends, since)
    section.finish()
    return SubscriptionEntry(
        starts_at=_midnight(starts or date(1970, 1, 1)),
        ends_at=_midnight(ends + timedelta(days=1)) if isinstance(ends, date) else None,
        unbroken_since=_midnight(since) if since else None,
        values=_present(values),
        place=_place(section, "starts"),
    )


def _check_term(section: Section, starts: date | None, ends: date | str | None, since: date | None) -> None:
    if starts and isinstance(ends, date) and ends < starts:
        section.problem("ends", f"the subscription would end before it starts, on {starts}")
    if starts and since and since > starts:
        section.problem("unbroken_since", f"this must not be later than the start, {starts}")


def _slots(below: Section) -> dict[EnvironmentType, SlotsEntry] | None:
    section = below.section("slots")
    if section is None:
        return None
    found = {each: _slots_of(section, each) for each in EnvironmentType}
    section.finish()
    return found


def _slots_of(section: Section, environment_type: EnvironmentType) -> SlotsEntry:
    if section.is_list(environment_type):
        names = section.texts(environment_type, 80) or ()
        return SlotsEntry(len(names), names, _place(section, environment_type))
    count = section.number(environment_type, 0, MOST_SLOTS) or 0
    return SlotsEntry(count, (), _place(section, environment_type))


def _roles(below: Section) -> tuple[RoleEntry, ...]:
    section = below.section("roles")
    if section is None:
        return ()
    single = [_single(section, name, role) for name, role in _SINGLE.items()]
    found = tuple(each for each in single if each) + _several(section, _SEVERAL)
    section.finish()
    return found


def _single(section: Section, name: str, role: RoleName) -> RoleEntry | None:
    place = _place(section, name)
    if section.is_list(name):
        section.problem(name, "there is one of them at most; write one person, not a list")
        return None
    holder = section.parsed(name, lambda written: _reference(written, place))
    return RoleEntry(role, (holder,) if holder else (), place) if name in section else None


def _several(section: Section, roles: dict[str, RoleName]) -> tuple[RoleEntry, ...]:
    found = []
    for name, role in roles.items():
        texts = section.texts(name, 300)
        if name in section:
            found.append(RoleEntry(role, _references(section, name, texts or ()), _place(section, name)))
    return tuple(found)


def _references(section: Section, name: str, texts: tuple[str, ...]) -> tuple[Reference, ...]:
    found = []
    for position, text in enumerate(texts, start=1):
        try:
            found.append(
                _reference(text, Place(section.line_of(name), f"{section.path_of(name)}[{position}]"))
            )
        except ValueError as error:
            section.problem(name, str(error))
    return tuple(found)


def _reference(written: str, place: Place) -> Reference:
    text, resting = written.removesuffix(RESTING), written.endswith(RESTING)
    return Reference(_email(text) if "@" in text else _slack_id(text), resting, place)


def _place(section: Section, name: str) -> Place:
    return Place(section.line_of(name), section.path_of(name))


def _present(values: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}


def _listed(texts: tuple[str, ...] | None) -> list[str] | None:
    return None if texts is None else list(texts)


def _midnight(day_: date) -> datetime:
    return datetime.combine(day_, time(), UTC)


def _end(written: str) -> date | str:
    return PERPETUAL if written == PERPETUAL else day(written)


def _email(written: str) -> str:
    if not _EMAIL.fullmatch(written) or len(written) > 254 or not written.isprintable():
        raise ValueError(f'"{written}" is not an e-mail address')
    return written.lower()


def _slack_id(written: str) -> str:
    return _matching(_SLACK_ID, written, "the Slack id of a person, such as U0ANA, or an e-mail address")


def _channel_id(written: str) -> str:
    return _matching(_CHANNEL_ID, written, "the id of a channel, such as C0LICENSES (not its name)")


def _workspace_id(written: str) -> str:
    return _matching(_WORKSPACE_ID, written, "the id of a workspace, such as T0ACME")


def _matching(pattern: re.Pattern[str], written: str, wanted: str) -> str:
    if not pattern.fullmatch(written):
        raise ValueError(f'"{written}" is not {wanted}')
    return written
