"""Who works in the demo's workspace: everybody of an import file who has a Slack id, with what they do, and a guest."""

from collections.abc import Iterator
from typing import Any, Final

Document = dict[str, Any]

_OF_A_COMPANY: Final = {"admins": "company admin", "auditors": "auditor"}
_OF_AN_INFRASTRUCTURE: Final = {
    "financial_contact": "financial contact",
    "technical_contact": "technical contact",
    "additional_contacts": "additional contact",
    "infrastructure_admins": "infrastructure administrator",
    "members": "engineer",
}
_GUEST: Final = {
    "id": "U0GIL",
    "name": "gil",
    "real_name": "Gil Moreau",
    "email": "gil.moreau@partner.example",
    "tz": "Europe/Paris",
    "title": "Guest of one channel, unknown to the desk",
    "is_restricted": True,
}


def people_of(documents: list[Document]) -> list[dict[str, Any]]:
    """The people as the sandbox's description has them; their `title` says what they do in the import file."""
    roles = dict.fromkeys(_titles(documents))
    members = [
        _member(each, [title for person, title in roles if person in (each["slack_id"], each["email"])])
        for document in documents
        for each in document["people"]
        if "slack_id" in each
    ]
    return [*members, dict(_GUEST)]


def _member(person: dict[str, Any], titles: list[str]) -> dict[str, Any]:
    return {
        "id": person["slack_id"],
        "name": person["name"].partition(" ")[0].lower(),
        "real_name": person["name"],
        "email": person["email"],
        "tz": person["zone"],
        "title": ", ".join(titles)[:1].upper() + ", ".join(titles)[1:],
    }


def _titles(documents: list[Document]) -> Iterator[tuple[str, str]]:
    """Each person with each of their roles, the company named."""
    desk, *companies = documents
    for person in desk.get("operators", []):
        yield person, "operator"
    for company in companies:
        for person, role in _roles(company):
            yield person, f"{role} of {company['company']}"


def _roles(company: Document) -> Iterator[tuple[str, str]]:
    for field, role in _OF_A_COMPANY.items():
        yield from ((person, role) for person in company.get(field, []))
    for infrastructure in company["infrastructures"]:
        for field, role in _OF_AN_INFRASTRUCTURE.items():
            holders = infrastructure.get("roles", {}).get(field, [])
            yield from ((person, role) for person in ([holders] if isinstance(holders, str) else holders))
