"""The approval channel of an infrastructure: where its cards go."""

from dataclasses import dataclass

from sqlalchemy import select, update

from store.addressing import move_cards
from store.desk import Act, intention
from store.entitlement import names_of, seen_by_actor
from store.infrastructures import Infrastructure
from store.role_changes import admins_of
from store.role_rows import Scope
from store.rules.people_errors import ChannelUnusable
from store.rules.rights import ADMINS
from store.rules.seeing_errors import NoRight
from store.tables import infrastructures
from store.telling import tell


@dataclass(frozen=True, slots=True)
class Looked:
    """A channel as Slack showed it just now; `why` cards could not be posted there, absent when they could."""

    slack_id: str
    name: str
    why: str | None = None  # "archived", "absent" or "shared"


@intention
def set_channel(act: Act, infrastructure_id: int, channel: Looked | None) -> Infrastructure:
    """Set the approval channel, or take it away so that cards go to each person directly.

    Raises `NotAssociated`, `NoRight` and `ChannelUnusable`.
    """
    seen = seen_by_actor(act, infrastructure_id)
    infrastructure = seen.infrastructure
    if not seen.rights.roles & ADMINS:
        who_may = names_of(act, infrastructure.id, ADMINS)
        raise NoRight(infrastructure.id, "approval channel", "channel", who_may)
    if channel and channel.why:
        raise ChannelUnusable(infrastructure.id, channel.name, channel.why)
    if _write(act, infrastructure.id, channel.slack_id if channel else None):
        _follow(act, infrastructure, channel)
    return infrastructure


def _write(act: Act, infrastructure_id: int, slack_id: str | None) -> bool:
    """Write the channel; tell whether it is another one than before."""
    row = infrastructures.c.id == infrastructure_id
    query = select(infrastructures.c.approval_channel).where(row).with_for_update(key_share=True)
    if act.connection.execute(query).scalar_one() == slack_id:
        return False
    act.connection.execute(update(infrastructures).where(row).values(approval_channel=slack_id))
    return True


def _follow(act: Act, infrastructure: Infrastructure, channel: Looked | None) -> None:
    slack_id = channel.slack_id if channel else None
    scope = Scope(infrastructure.company_id, infrastructure.id)
    move_cards(act, scope)
    act.record("set_channel", "approval channel", infrastructure.id, channel=slack_id)
    told = {each.id for each in admins_of(act.connection, scope)} - {act.actor.person_id}
    facts = {"actor_id": act.actor.person_id, "infrastructure_id": infrastructure.id, "channel": slack_id}
    tell(act, "channel_set", told, f"channel:{infrastructure.id}:{slack_id}:{act.now.isoformat()}", **facts)
