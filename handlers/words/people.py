"""Words for what setting roles, the approval channel and stand-ins, and asking for access, are refused for."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from handlers.words.pens import Pen, names
from store.rules.errors import DeskError
from store.rules.people_errors import (
    AccessAnswered,
    AccessAskedTooOften,
    AccessTextMissing,
    AccessTextTooLong,
    CannotHoldRole,
    ChannelUnusable,
    ContactNotChosen,
    LastCompanyAdmin,
    MayNotSetRole,
    NothingToHandOver,
    NotLookedUp,
    OneHolderOnly,
    OperatorsRole,
    OwnStandIn,
    OwnSuccessor,
    RoleNotChosen,
    RoleNotHeld,
    StandInBackwards,
    StandInNotChosen,
    StandInOver,
    StandInTooLong,
)
from store.rules.rights import RoleName

ROLES: Final[Mapping[RoleName, str]] = {
    RoleName.FINANCIAL_CONTACT: "financial contact",
    RoleName.TECHNICAL_CONTACT: "technical contact",
    RoleName.ADDITIONAL_CONTACT: "additional contact",
    RoleName.INFRASTRUCTURE_ADMIN: "infrastructure administrator",
    RoleName.COMPANY_ADMIN: "company admin",
    RoleName.MEMBER: "member",
    RoleName.AUDITOR: "auditor",
    RoleName.OPERATOR: "operator",
}
"""What people call the roles."""

A_ROLE: Final[Mapping[RoleName, str]] = {
    RoleName.FINANCIAL_CONTACT: "the financial contact",
    RoleName.TECHNICAL_CONTACT: "the technical contact",
    RoleName.ADDITIONAL_CONTACT: "an additional contact",
    RoleName.INFRASTRUCTURE_ADMIN: "an infrastructure administrator",
    RoleName.COMPANY_ADMIN: "a company admin",
    RoleName.MEMBER: "a member",
    RoleName.AUDITOR: "an auditor",
    RoleName.OPERATOR: "an operator",
}
"""What somebody is who has a role."""

_CANNOT_HOLD: Final = {
    "deactivated": "is deactivated in Slack",
    "guest": "is a guest in Slack, and only the import can let a guest in",
    "bot": "is a bot",
    "elsewhere": "belongs to another workspace",
    "unknown": "is not known to Slack",
}

_UNUSABLE: Final = {
    "archived": "is archived. Unarchive it, or choose another channel",
    "absent": "does not have me in it. Write `/invite @License Desk` there, or choose another channel",
    "shared": "is shared with another organization. Choose a channel that only your organization sees",
}


def _may_not_set_role(error: MayNotSetRole, pen: Pen) -> str:
    who = (
        f" Ask {names(pen, error.who_may)}."
        if error.who_may
        else f" Ask {pen.name(pen.policy.operators_address)}."
    )
    return f"You cannot set who is {A_ROLE[error.role]} here. Nothing has changed.{who}"


def _last_company_admin(error: LastCompanyAdmin, pen: Pen) -> str:
    company, admin = pen.name(error.company.name), pen.name(error.admin.name)
    return (
        f"{admin} is the last active company admin of {company}, and there has to be one. Nothing has changed. "
        "Add another company admin first."
    )


def _cannot_hold_role(error: CannotHoldRole, pen: Pen) -> str:
    why = _CANNOT_HOLD.get(error.why, _CANNOT_HOLD["unknown"])
    return f"{pen.name(error.who)} {why}, so they cannot have a role. Nothing has changed."


def _role_not_held(_error: RoleNotHeld, _pen: Pen) -> str:
    return (
        "Somebody changed this role in the meantime. Nothing has changed now. "
        "Type `/license people` to see who is who."
    )


def _operators_role(_error: OperatorsRole, pen: Pen) -> str:
    return (
        "Operators are named in the import file, so this role cannot be handed over here. Nothing has changed. "
        f"Write to {pen.name(pen.policy.operators_address)}."
    )


def _channel_unusable(error: ChannelUnusable, pen: Pen) -> str:
    why = _UNUSABLE.get(error.why, _UNUSABLE["absent"])
    name = pen.name(error.channel) if error.channel else "this channel"
    return f"Requests cannot be posted in {name}: it {why}. The approval channel stays as it was."


def _not_looked_up(_error: NotLookedUp, _pen: Pen) -> str:
    return "Slack did not answer, so we could not look that up. Nothing has changed. Please try again."


def _role_not_chosen(_error: RoleNotChosen, _pen: Pen) -> str:
    return "Choose the role first."


def _one_holder_only(error: OneHolderOnly, _pen: Pen) -> str:
    return f"There is one {ROLES[error.role]}. Choose one person, who takes the place of the present one."


def _nothing_to_hand_over(_error: NothingToHandOver, _pen: Pen) -> str:
    return "Choose at least one role."


def _own_successor(_error: OwnSuccessor, _pen: Pen) -> str:
    return "Choose somebody else: you cannot follow yourself."


def _contact_not_chosen(_error: ContactNotChosen, _pen: Pen) -> str:
    return "Choose somebody who is a contact here now; only contacts have stand-ins."


def _own_stand_in(_error: OwnStandIn, _pen: Pen) -> str:
    return "Choose somebody else: nobody stands in for themselves."


def _stand_in_not_chosen(_error: StandInNotChosen, _pen: Pen) -> str:
    return "Choose who stands in, and the first and the last day."


def _stand_in_too_long(error: StandInTooLong, _pen: Pen) -> str:
    return f"These are {error.days} days; somebody stands in for {error.most} days at most."


def _stand_in_over(_error: StandInOver, _pen: Pen) -> str:
    return "This day has passed. Choose today or a later one."


def _stand_in_backwards(_error: StandInBackwards, _pen: Pen) -> str:
    return "The last day comes before the first. Choose the same day or a later one."


def _access_text_missing(_error: AccessTextMissing, _pen: Pen) -> str:
    return "Say in a few words what you need, or type an activation code."


def _access_text_too_long(error: AccessTextTooLong, _pen: Pen) -> str:
    return f"This has {error.length:,} characters; at most {error.most:,} fit. Say it shorter."


def _access_asked_too_often(error: AccessAskedTooOften, pen: Pen) -> str:
    return (
        "You asked for access several times within a day, and those requests are being looked at. "
        f"You can ask again from {pen.moment(error.again_at)}. "
        f"If it cannot wait, write to {pen.name(pen.policy.operators_address)}."
    )


def _access_answered(error: AccessAnswered, pen: Pen) -> str:
    who, by, at = pen.name(error.who), pen.name(error.answered_by), pen.moment(error.answered_at)
    done = f"added {who}" if error.added else f"declined the request of {who}"
    return f"{by} already {done} ({at}). Your click changed nothing."


WORDS: Final[Mapping[type[DeskError], Callable[[Any, Pen], str]]] = {
    MayNotSetRole: _may_not_set_role,
    LastCompanyAdmin: _last_company_admin,
    CannotHoldRole: _cannot_hold_role,
    RoleNotHeld: _role_not_held,
    OperatorsRole: _operators_role,
    ChannelUnusable: _channel_unusable,
    NotLookedUp: _not_looked_up,
    RoleNotChosen: _role_not_chosen,
    OneHolderOnly: _one_holder_only,
    NothingToHandOver: _nothing_to_hand_over,
    OwnSuccessor: _own_successor,
    ContactNotChosen: _contact_not_chosen,
    OwnStandIn: _own_stand_in,
    StandInNotChosen: _stand_in_not_chosen,
    StandInTooLong: _stand_in_too_long,
    StandInOver: _stand_in_over,
    StandInBackwards: _stand_in_backwards,
    AccessTextMissing: _access_text_missing,
    AccessTextTooLong: _access_text_too_long,
    AccessAskedTooOften: _access_asked_too_often,
    AccessAnswered: _access_answered,
}
