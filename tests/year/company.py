"""Harbor Group: a company with 200 slots in four infrastructures, as an import file and as a Slack workspace.

Lisbon has an approval channel and working hours; New York too, and is flagged; Prague has no channel; the depot
has a channel, no contacts, and a term without end.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import yaml

from bot.demo import MANIFEST

WORKSPACE: Final = "T0HARBOR"
BOT_USER: Final = "U0LICENSEDESK"
BOT_TOKEN: Final = "xoxb-year"
START: Final = datetime(2026, 1, 1, tzinfo=UTC)
END: Final = START + timedelta(days=365)
OPERATOR: Final = "olga"

LISBON, NEW_YORK, PRAGUE, DEPOT = "Lisbon", "New York", "Prague", "Depot"
CHANNELS: Final = {LISBON: "C0LISBON", NEW_YORK: "C0NEWYORK", DEPOT: "C0DEPOT"}
WORK: Final = {
    LISBON: {"zone": "Europe/Lisbon", "from": "08:00", "until": "17:00"},
    NEW_YORK: {"zone": "America/New_York", "from": "09:00", "until": "18:00"},
}
WORKING_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday")
SLOTS: Final = {"development": 10, "non_production": 15, "production": 20, "management": 5}


@dataclass(frozen=True)
class Roles:
    """Who has which role in one infrastructure, by first name."""

    technical: str | None
    financial: str | None
    additional: tuple[str, ...]
    admins: tuple[str, ...]
    members: tuple[str, ...]


PLACES: Final = {
    LISBON: Roles("rui", "fiona", ("ada",), ("tom",), ("ana", "ben", "caro")),
    NEW_YORK: Roles("pete", "gail", ("hugo",), ("ines",), ("jack", "kim", "ana")),
    PRAGUE: Roles("vera", None, ("olaf", "petra"), ("tom",), ("dora", "emil")),
    DEPOT: Roles(None, None, (), ("ivo", "ines"), ("lars", "mona")),
}
ENDS: Final = {LISBON: "2026-06-30", NEW_YORK: "2026-08-31", PRAGUE: "2026-10-31", DEPOT: "perpetual"}
COMPANY_ADMINS: Final = ("eva", "nils")
AUDITOR: Final = "max"
OPERATORS: Final = (OPERATOR, "paul")
ZONES: Final = {LISBON: "Europe/Lisbon", NEW_YORK: "America/New_York", PRAGUE: "Europe/Prague"}
CODES: Final = {place: f"AC{number}.K7Q.2MX.9PL.4RT.8WZ.3VB.6NC" for number, place in enumerate(PLACES, 1)}


def slack_id(name: str) -> str:
    """Somebody's id in Slack."""
    return f"U0{name.upper()}"


def everybody() -> dict[str, str]:
    """The time zone of everybody in the company and of the operators, by first name."""
    zones: dict[str, str] = dict.fromkeys((*COMPANY_ADMINS, AUDITOR, *OPERATORS), "Europe/Berlin")
    for place, held in PLACES.items():
        for name in _names(held):
            zones.setdefault(name, ZONES.get(place, "Asia/Tokyo"))
    return zones


def import_file() -> str:
    """The company as `license-desk import` reads it."""
    people = [_person(name, zone) for name, zone in everybody().items()]
    operators = [each for each in people if each["slack_id"] in map(slack_id, OPERATORS)]
    desk = {
        "workspace": WORKSPACE,
        "products": [_PRODUCT],
        "people": operators,
        "operators": list(map(slack_id, OPERATORS)),
    }
    company = {
        "company": "Harbor Group",
        "account_manager": {"name": "Jo Park", "email": "jo.park@meridian.example"},
        "people": [each for each in people if each not in operators],
        "admins": list(map(slack_id, COMPANY_ADMINS)),
        "auditors": [slack_id(AUDITOR)],
        "infrastructures": [_infrastructure(place) for place in PLACES],
    }
    return str(yaml.safe_dump_all([desk, company], sort_keys=False))


def workspace() -> dict[str, Any]:
    """The same people in the sandbox, as its description."""
    people = [
        {"id": slack_id(name), "name": name, "real_name": _real_name(name), "email": _email(name), "tz": zone}
        for name, zone in everybody().items()
    ]
    return {
        "workspace": {"id": WORKSPACE, "name": "Harbor", "domain": "harbor"},
        "app": {
            "manifest": yaml.safe_load(MANIFEST.read_text(encoding="utf-8")),
            "bot_user": BOT_USER,
            "bot_token": BOT_TOKEN,
        },
        "people": people,
        "channels": [_channel(place) for place in CHANNELS],
    }


def _names(held: Roles) -> list[str]:
    single = [name for name in (held.technical, held.financial) if name]
    return [*single, *held.additional, *held.admins, *held.members]


def _person(name: str, zone: str) -> dict[str, str]:
    return {"name": _real_name(name), "slack_id": slack_id(name), "email": _email(name), "zone": zone}


def _real_name(name: str) -> str:
    return f"{name.title()} Harbor"


def _email(name: str) -> str:
    return f"{name}@harbor.example"


_PRODUCT: Final = {
    "name": "Meridian Platform",
    "audience": "meridian-platform",
    "console_name": "Meridian Console",
    "menu_path": "Administration > Licensing",
    "upload_path": "Administration > Licensing > Upload license",
    "permitted_use": dict.fromkeys(SLOTS, "As agreed."),
}


def _infrastructure(place: str) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": place,
        "product": _PRODUCT["name"],
        "activation_code": CODES[place],
        "flagged": place == NEW_YORK,
        "subscription": {
            "edition": "Enterprise",
            "starts": "2025-01-01",
            "ends": ENDS[place],
            "highest_version": "11",
        },
        "slots": dict(SLOTS),
        "roles": _roles(PLACES[place]),
    }
    if place in CHANNELS:
        described["approval_channel"] = CHANNELS[place]
    if place in WORK:
        described["working_hours"] = {**WORK[place], "days": list(WORKING_DAYS)}
    return described


def _roles(held: Roles) -> dict[str, Any]:
    single = {"technical_contact": held.technical, "financial_contact": held.financial}
    several = {
        "additional_contacts": held.additional,
        "infrastructure_admins": held.admins,
        "members": held.members,
    }
    return {
        **{role: slack_id(name) for role, name in single.items() if name},
        **{role: list(map(slack_id, names)) for role, names in several.items() if names},
    }


def _channel(place: str) -> dict[str, Any]:
    """Not everybody who is asked is in the channel: the others get the card directly."""
    held = PLACES[place]
    there = [name for name in (held.technical, *held.admins, *COMPANY_ADMINS[:1]) if name]
    members = [*map(slack_id, there), BOT_USER]
    return {"id": CHANNELS[place], "name": place.lower().replace(" ", "-"), "members": members}
