"""Who may set which role, and who may confirm one that rests."""

from collections.abc import Mapping
from typing import Final

from store.rules.rights import ADMINS, Rights, RoleName

COMPANY_WIDE: Final = frozenset({RoleName.COMPANY_ADMIN, RoleName.AUDITOR})
"""Roles that people hold in a whole company; the others that are set in Slack are held in one infrastructure."""

SINGLE: Final = frozenset({RoleName.FINANCIAL_CONTACT, RoleName.TECHNICAL_CONTACT})
"""Roles with one holder: whoever gets one takes the place of who had it."""

_BY_OPERATORS: Final = frozenset({RoleName.OPERATOR})
_BY_COMPANY: Final = frozenset({RoleName.COMPANY_ADMIN, RoleName.OPERATOR})

SET_BY: Final[Mapping[RoleName, frozenset[RoleName]]] = {
    RoleName.FINANCIAL_CONTACT: _BY_OPERATORS,
    RoleName.TECHNICAL_CONTACT: ADMINS | {RoleName.TECHNICAL_CONTACT},
    RoleName.ADDITIONAL_CONTACT: ADMINS,
    RoleName.INFRASTRUCTURE_ADMIN: _BY_COMPANY,
    RoleName.COMPANY_ADMIN: _BY_COMPANY,
    RoleName.MEMBER: ADMINS,
    RoleName.AUDITOR: _BY_COMPANY,
}
"""Who gives and takes each role; operators are not among them, since only the import makes operators."""


def may_set(own: Rights, role: RoleName) -> bool:
    """Whether these rights give and take a role."""
    return bool(own.roles & SET_BY.get(role, frozenset()))


def settable(own: Rights) -> tuple[RoleName, ...]:
    """The roles that these rights give and take."""
    return tuple(role for role in SET_BY if may_set(own, role))


def confirmed_by(role: RoleName) -> frozenset[RoleName]:
    """Who may say that a role counts again after it rested: operators, and admins who may set it.

    Company admins confirm every role of their company. The present technical contact is no admin.
    """
    if role is RoleName.OPERATOR:
        return _BY_OPERATORS
    return _BY_COMPANY | (SET_BY[role] & ADMINS)


def may_confirm(own: Rights, role: RoleName) -> bool:
    """Whether these rights let a resting role count again."""
    return bool(own.roles & confirmed_by(role))


def may_let_in(own: Rights, *, asked_here: bool) -> bool:
    """Whether these rights let somebody in who asked for access: admins where it was asked, operators anywhere."""
    return RoleName.OPERATOR in own.roles or (asked_here and bool(own.roles & ADMINS))
