"""Who may do what, from the roles that a person holds at the moment of the act."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class RoleName(StrEnum):
    """The roles of the desk."""

    COMPANY_ADMIN = "company_admin"
    INFRASTRUCTURE_ADMIN = "infrastructure_admin"
    FINANCIAL_CONTACT = "financial_contact"
    TECHNICAL_CONTACT = "technical_contact"
    ADDITIONAL_CONTACT = "additional_contact"
    MEMBER = "member"
    AUDITOR = "auditor"
    OPERATOR = "operator"


CONTACTS = frozenset({RoleName.FINANCIAL_CONTACT, RoleName.TECHNICAL_CONTACT, RoleName.ADDITIONAL_CONTACT})
ADMINS = frozenset({RoleName.INFRASTRUCTURE_ADMIN, RoleName.COMPANY_ADMIN})
DIRECT = ADMINS | {RoleName.FINANCIAL_CONTACT, RoleName.TECHNICAL_CONTACT, RoleName.OPERATOR}
RELEASERS = ADMINS | {RoleName.TECHNICAL_CONTACT, RoleName.OPERATOR}
LISTED_TO = ADMINS | {RoleName.OPERATOR}
"""Who gets the revocation list in Slack."""
OVERSEERS = ADMINS | {RoleName.AUDITOR, RoleName.OPERATOR}


class Step(StrEnum):
    """Whom a request is put to; the first step in which somebody can be reached is taken."""

    CONTACTS = "contacts"
    INFRASTRUCTURE_ADMINS = "infrastructure_admins"
    COMPANY_ADMINS = "company_admins"
    OPERATORS = "operators"


ASKED_BY_STEP: dict[Step, frozenset[RoleName]] = {
    Step.CONTACTS: CONTACTS,
    Step.INFRASTRUCTURE_ADMINS: frozenset({RoleName.INFRASTRUCTURE_ADMIN}),
    Step.COMPANY_ADMINS: frozenset({RoleName.COMPANY_ADMIN}),
    Step.OPERATORS: frozenset({RoleName.OPERATOR}),
}


class HeldRole(NamedTuple):
    """A role with its scope: a company, an infrastructure, or neither (all)."""

    role: RoleName
    company_id: int | None
    infrastructure_id: int | None
    active: bool

    @property
    def everywhere(self) -> bool:
        """Whether the scope includes every infrastructure there is."""
        return self.company_id is None and self.infrastructure_id is None

    def covers(self, company_id: int, infrastructure_id: int) -> bool:
        """Whether the scope includes that infrastructure of that company."""
        if self.infrastructure_id is not None:
            return self.infrastructure_id == infrastructure_id
        return self.company_id is None or self.company_id == company_id


@dataclass(frozen=True, slots=True)
class Rights:
    """What somebody may do in one infrastructure; the empty set of roles may do nothing."""

    roles: frozenset[RoleName]

    @property
    def sees(self) -> bool:
        """Whether the infrastructure exists for this person at all."""
        return bool(self.roles)

    @property
    def registers(self) -> bool:
        """Any role but auditor registers environments and asks for licenses."""
        return bool(self.roles - {RoleName.AUDITOR})

    @property
    def gets_files_directly(self) -> bool:
        """Additional contacts decide but do not download."""
        return bool(self.roles & DIRECT)

    @property
    def releases(self) -> bool:
        """Whether this person may end registrations."""
        return bool(self.roles & RELEASERS)

    @property
    def renames(self) -> bool:
        """Whether this person may rename slots."""
        return self.releases

    @property
    def changes_serial_directly(self) -> bool:
        """Whether a serial change needs no request."""
        return self.gets_files_directly

    @property
    def oversees(self) -> bool:
        """Whether this person sees what others did, and reports."""
        return bool(self.roles & OVERSEERS)

    @property
    def gets_revocations(self) -> bool:
        """Whether this person gets the revocation list."""
        return bool(self.roles & LISTED_TO)

    @property
    def acts_as_operator_only(self) -> bool:
        """Whether the right to a file comes from being an operator alone."""
        return self.roles & DIRECT == {RoleName.OPERATOR}

    @property
    def decides(self) -> bool:
        """Contacts and administrators, asked or not."""
        return bool(self.roles & (CONTACTS | ADMINS))


def rights(held: Iterable[HeldRole], company_id: int, infrastructure_id: int) -> Rights:
    """Gather the active roles that cover one infrastructure."""
    return Rights(
        frozenset(each.role for each in held if each.active and each.covers(company_id, infrastructure_id))
    )


def may_decide(own: Rights, *, stands_in: bool, is_requester: bool, asked_operators: bool) -> bool:
    """Whether this person may decide a request: never the requester; operators only when it reached them."""
    if is_requester:
        return False
    return own.decides or stands_in or (asked_operators and RoleName.OPERATOR in own.roles)


def first_step(reachable: dict[Step, Collection[int]]) -> Step | None:
    """The first step in which somebody can be reached, or `None` when nobody can."""
    return next((step for step in Step if reachable.get(step)), None)
