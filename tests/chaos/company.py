"""The company that lives through the chaos: many slots, people who ask, people who decide, and one channel."""

from datetime import UTC, datetime
from typing import Any

import yaml

from bot.demo import world_of

CHANNEL = "C0LICENSES"
ENGINEERS = ("U0ANA", "U0BEN", "U0GIA")
CONTACTS = ("U0RUI", "U0FIONA", "U0ADA")
ADMIN = "U0EVA"
SLOTS = 40
_NAMES = {
    "U0OLGA": "Olga Ruiz",
    "U0ANA": "Ana Silva",
    "U0BEN": "Ben Okafor",
    "U0GIA": "Gia Lund",
    "U0RUI": "Rui Costa",
    "U0FIONA": "Fiona Marsh",
    "U0ADA": "Ada Novak",
    "U0EVA": "Eva Lang",
}


def company() -> str:
    """The import file."""
    year = datetime.now(UTC).year
    core = {
        "name": "Acme Core",
        "product": "Meridian Platform",
        "activation_code": "AC1.K7Q.2MX.9PL.4RT.8WZ.3VB.6NC",
        "approval_channel": CHANNEL,
        "subscription": {
            "edition": "Enterprise",
            "starts": f"{year}-01-01",
            "ends": "perpetual",
            "highest_version": "11",
        },
        "slots": {"production": SLOTS},
        "roles": {
            "technical_contact": "U0RUI",
            "financial_contact": "U0FIONA",
            "additional_contacts": ["U0ADA"],
            "members": list(ENGINEERS),
        },
    }
    acme = {
        "company": "Acme Logistics",
        "account_manager": {"name": "Jo Park", "email": "jo.park@meridian.example"},
        "people": [_person(slack_id) for slack_id in _NAMES if slack_id != "U0OLGA"],
        "admins": [ADMIN],
        "infrastructures": [core],
    }
    return yaml.safe_dump_all([_desk(), acme], sort_keys=False)


def world() -> dict[str, Any]:
    """The Slack in which they work: everybody but the third contact is in the channel."""
    described = world_of(company())
    members = [*ENGINEERS, *CONTACTS[:2], ADMIN, described["app"]["bot_user"]]
    return described | {"channels": [{"id": CHANNEL, "name": "licenses", "members": members}]}


def _desk() -> dict[str, Any]:
    return {
        "workspace": "T0ACME",
        "products": [
            {
                "name": "Meridian Platform",
                "audience": "meridian-platform",
                "console_name": "Meridian Console",
                "menu_path": "Administration > Licensing",
                "upload_path": "Administration > Licensing > Upload license",
            }
        ],
        "people": [_person("U0OLGA")],
        "operators": ["U0OLGA"],
    }


def _person(slack_id: str) -> dict[str, str]:
    name = _NAMES[slack_id]
    email = f"{name.replace(' ', '.').lower()}@acme.example"
    return {"name": name, "slack_id": slack_id, "email": email, "zone": "Europe/Lisbon"}
