"""How roles are spoken of: what they are called, where they are held, and what they are for."""

from collections.abc import Mapping
from typing import Final

from handlers import phrases
from handlers.blocks.text import quote
from handlers.words.people import A_ROLE, ROLES
from store.rules.rights import RoleName
from store.rules.role_rules import SINGLE

MEANS: Final[Mapping[RoleName, str]] = {
    RoleName.FINANCIAL_CONTACT: (
        "You are asked when somebody needs a license file, and get license files yourself at once."
    ),
    RoleName.TECHNICAL_CONTACT: (
        "You are asked when somebody needs a license file, get license files yourself at once, can release "
        "environments, and are told of what changes."
    ),
    RoleName.ADDITIONAL_CONTACT: "You are asked when somebody needs a license file.",
    RoleName.INFRASTRUCTURE_ADMIN: (
        "You get license files at once, can release environments, and look after people and the approval channel."
    ),
    RoleName.COMPANY_ADMIN: (
        "You get license files at once, can release environments, and look after people, in every infrastructure "
        "of the company."
    ),
    RoleName.MEMBER: "You can register environments and ask for their license files.",
    RoleName.AUDITOR: "You can see everything of the company, and change nothing.",
    RoleName.OPERATOR: "You look after the whole desk.",
}
"""What somebody with the role can do and what happens to them, said to them."""


def called(role: RoleName) -> str:
    """A role as a title: "Technical contact"."""
    name = ROLES[role]
    return f"{name[0].upper()}{name[1:]}"


def holders_called(role: RoleName) -> str:
    """A role as the title of those who have it: "Technical contact", where several can have it "Members"."""
    return called(role) if role in SINGLE else f"{called(role)}s"


def place(infrastructure: str | None, company: str | None) -> str:
    """Where a role is held, after "of": "Acme Core (Acme Logistics)", a company, or everything."""
    if company is None:
        return "all companies"
    named = quote(company, phrases.LONGEST_NAME)
    return f"{quote(infrastructure, phrases.LONGEST_NAME)} ({named})" if infrastructure else named


def as_role(role: RoleName, infrastructure: str | None, company: str | None) -> str:
    """What somebody is who has a role: "the technical contact of Acme Core (Acme Logistics)"."""
    if role is RoleName.OPERATOR:
        return A_ROLE[role]
    return f"{A_ROLE[role]} of {place(infrastructure, company)}"
