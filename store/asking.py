"""Who is asked: the first step in which somebody can be reached, and how each of them gets the card."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, or_, select, update

from store import people
from store.infrastructures import Infrastructure
from store.people import Holder, Person
from store.rules.rights import ASKED_BY_STEP, CONTACTS, RoleName, Step, first_step
from store.tables import (
    asked,
    conversation_members,
    conversations,
    deliveries,
    persons,
    requests,
    roles,
    stand_ins,
)

CLOSED_FOR = timedelta(days=1)
"""How long somebody to whom no message could be sent counts as closed to messages."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody of a step. `direct`: not in the channel, so that the card goes to their direct message.

    `by_mail`: not in Slack, and asked by e-mail.
    """

    person: Person
    direct: bool
    reachable: bool
    by_mail: bool = False


@dataclass(frozen=True, slots=True)
class Channel:
    """An approval channel that can be used: Slack's id, and the Slack ids known to be in it.

    While nobody is known to be in it, it was not looked at yet, and everybody is taken to be in it: the
    courier looks before it posts there, and sends those who are not in it the card directly.
    """

    slack_id: str
    members: frozenset[str]

    def has(self, person: Person) -> bool:
        """Whether this person sees what is posted there."""
        return not self.members or person.slack_id in self.members


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked, and where; `skipped` could not be reached in this step or one before it."""

    step: Step
    in_channel: tuple[Person, ...]
    directly: tuple[Person, ...]
    skipped: tuple[Person, ...]
    channel: str | None
    by_mail: tuple[Person, ...] = ()

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody who is asked: in the channel, directly, or by e-mail."""
        return self.in_channel + self.directly + self.by_mail


def who_is_asked(
    connection: Connection,
    infrastructure: Infrastructure,
    requester_id: int,
    now: datetime,
    steps: Sequence[Step] = tuple(Step),
    *,
    mails: bool = False,
) -> Asked | None:
    """Whom a request of this person would be put to, or `None` when nobody of these steps can be reached.

    `mails` says, here and below, whether the desk can ask by e-mail.
    """
    found = candidates(connection, infrastructure, requester_id, now, mails=mails)
    return _choose(found, _channel_for(connection, infrastructure, requester_id), steps)


def next_step(
    connection: Connection,
    infrastructure: Infrastructure,
    request_id: int,
    requester_id: int,
    now: datetime,
    *,
    mails: bool = False,
) -> Asked | None:
    """Whom a request is put to when no post of its present step arrived, without those of that step."""
    rows = connection.execute(
        select(asked.c.person_id, asked.c.step, asked.c.reached).where(asked.c.request_id == request_id)
    ).all()
    already = {row.person_id for row in rows if row.reached}
    order = list(Step)
    present = max((order.index(Step(row.step)) for row in rows), default=-1)
    found = {
        step: [each for each in listed if each.person.id not in already]
        for step, listed in candidates(
            connection, infrastructure, requester_id, now, mails=mails, request_id=request_id
        ).items()
    }
    channel = _channel_for(connection, infrastructure, requester_id)
    return _choose(found, channel, order[present + 1 :])


def candidates(
    connection: Connection,
    infrastructure: Infrastructure,
    requester_id: int,
    now: datetime,
    *,
    mails: bool = False,
    request_id: int | None = None,
) -> dict[Step, list[Candidate]]:
    """Everybody of each step except the requester, ordered by name; resting and unreachable ones included.

    To whom no e-mail about `request_id` could be sent, no other one will be, so they cannot be reached about it.
    """
    workspace_id = people.get(connection, requester_id).workspace_id
    found = whoever_asks(connection, infrastructure, workspace_id, now, mails=mails, request_id=request_id)
    return {
        step: [each for each in listed if each.person.id != requester_id] for step, listed in found.items()
    }


def whoever_asks(
    connection: Connection,
    infrastructure: Infrastructure,
    workspace_id: str,
    now: datetime,
    *,
    mails: bool = False,
    request_id: int | None = None,
) -> dict[Step, list[Candidate]]:
    """Everybody of each step for requests out of a workspace, nobody left out as the requester."""
    listed = frozenset[RoleName]().union(*ASKED_BY_STEP.values())
    holders = people.holders(connection, infrastructure.id, listed)
    by_step = {step: _holding(holders, ASKED_BY_STEP[step]) for step in Step}
    by_step[Step.CONTACTS] |= dict.fromkeys(_stand_ins(connection, infrastructure.id, now), True)
    everybody = {person.id for found in by_step.values() for person in found}
    channel = usable_channel(connection, infrastructure, workspace_id)
    bounced = _bounced(connection, request_id) if mails and request_id is not None else frozenset[int]()
    reach = _Reach(channel, _without_direct_message(connection, everybody, now), mails, bounced)
    return {
        step: [reach.candidate(person, active) for person, active in found.items()]
        for step, found in by_step.items()
    }


def unreachable(found: dict[Step, list[Candidate]], steps: Iterable[Step]) -> tuple[Person, ...]:
    """Those of these steps who cannot be reached, each once."""
    skipped = [each.person for step in steps for each in found[step] if not each.reachable]
    return tuple(dict.fromkeys(skipped))


def usable_channel(
    connection: Connection, infrastructure: Infrastructure, workspace_id: str
) -> Channel | None:
    """The approval channel in a workspace, with its known members.

    None without one, and for one that is archived, without the bot, or shared with another organization. A
    channel that was never looked at counts as usable.
    """
    slack_id = infrastructure.approval_channel
    if slack_id is None:
        return None
    here = (conversations.c.workspace_id == workspace_id, conversations.c.slack_id == slack_id)
    known = connection.execute(select(conversations).where(*here)).first()
    if known is None:
        return Channel(slack_id, frozenset())
    if known.archived or known.absent or known.shared:
        return None
    members = select(conversation_members.c.slack_id)
    rows = connection.execute(members.where(conversation_members.c.conversation_id == known.id))
    return Channel(slack_id, frozenset(rows.scalars()))


def keep(connection: Connection, request_id: int, chosen: Asked) -> None:
    """Store whom a request was put to, and who was skipped.

    Somebody skipped with one role may be asked later with another; the later row takes the place of the first.
    """
    listed = [person.id for person in chosen.people + chosen.skipped]
    connection.execute(delete(asked).where(asked.c.request_id == request_id, asked.c.person_id.in_(listed)))
    rows = [
        *_rows(request_id, chosen.step, chosen.in_channel, reached=True),
        *_rows(request_id, chosen.step, chosen.directly, reached=True, direct=True),
        *_rows(request_id, chosen.step, chosen.by_mail, reached=True, by_mail=True),
        *_rows(request_id, chosen.step, chosen.skipped, reached=False),
    ]
    connection.execute(insert(asked), rows)


def asked_of(connection: Connection, infrastructure: Infrastructure, request_id: int) -> Asked | None:
    """Whom a request is put to at present, or `None` when it was put to nobody."""
    rows = connection.execute(
        select(*asked.c).where(asked.c.request_id == request_id).order_by(asked.c.id)
    ).all()
    if not rows:
        return None
    named = people.get_many(connection, {row.person_id for row in rows})
    step = max((Step(row.step) for row in rows), key=list(Step).index)
    present = [row for row in rows if row.reached and row.step == step]
    requester_id = select(requests.c.requester_id).where(requests.c.id == request_id)
    channel = _channel_for(connection, infrastructure, connection.execute(requester_id).scalar_one())
    return Asked(
        step,
        tuple(named[row.person_id] for row in present if not row.direct and not row.by_mail),
        tuple(named[row.person_id] for row in present if row.direct),
        tuple(named[row.person_id] for row in rows if not row.reached),
        None if channel is None else channel.slack_id,
        tuple(named[row.person_id] for row in present if row.by_mail),
    )


def is_anybody_reached(connection: Connection, request_id: int) -> bool:
    """Whether somebody who is asked has the card of a request or should have it."""
    query = select(asked.c.id).where(asked.c.request_id == request_id, asked.c.reached)
    return connection.execute(query.limit(1)).first() is not None


def mark_unreached(connection: Connection, request_id: int, step: str) -> None:
    """Store that no post of a step arrived, so that those asked in it count as skipped."""
    of_step = (asked.c.request_id == request_id, asked.c.step == step)
    connection.execute(update(asked).where(*of_step).values(reached=False))


def _channel_for(connection: Connection, infrastructure: Infrastructure, requester_id: int) -> Channel | None:
    workspace_id = people.get(connection, requester_id).workspace_id
    return usable_channel(connection, infrastructure, workspace_id)


def _choose(
    found: dict[Step, list[Candidate]], channel: Channel | None, steps: Sequence[Step]
) -> Asked | None:
    reachable: dict[Step, Collection[int]] = {
        step: [each.person.id for each in found[step] if each.reachable] for step in steps
    }
    step = first_step(reachable)
    if step is None:
        return None
    chosen = [each for each in found[step] if each.reachable]
    asked_now = {each.person for each in chosen}
    passed = unreachable(found, steps[: steps.index(step) + 1])
    return Asked(
        step,
        tuple(each.person for each in chosen if not each.direct and not each.by_mail),
        tuple(each.person for each in chosen if each.direct),
        tuple(person for person in passed if person not in asked_now),
        None if channel is None else channel.slack_id,
        tuple(each.person for each in chosen if each.by_mail),
    )


@dataclass(frozen=True, slots=True)
class _Reach:
    """What decides whether and how somebody can be reached."""

    channel: Channel | None
    closed: frozenset[int]  # people whose direct message is known not to work
    mails: bool  # whether the desk can ask by e-mail
    bounced: frozenset[int]  # people to whom no e-mail about the request could be sent

    def candidate(self, person: Person, active: bool) -> Candidate:
        if person.slack_id is None:
            return self._elsewhere(person, active)
        in_channel = self.channel is not None and self.channel.has(person)
        may_act = active and person.welcome and person.reachable
        open_to_message = in_channel or person.id not in self.closed
        return Candidate(person, direct=not in_channel, reachable=may_act and open_to_message)

    def _elsewhere(self, person: Person, active: bool) -> Candidate:
        """Somebody who is not in Slack, and may have an e-mail address."""
        by_mail = self.mails and active and person.mailable and person.id not in self.bounced
        return Candidate(person, direct=not by_mail, reachable=by_mail, by_mail=by_mail)


def _holding(holders: Iterable[Holder], names: Collection[RoleName]) -> dict[Person, bool]:
    """People with one of these roles, and whether one of them is active."""
    found: dict[Person, bool] = {}
    for each in holders:
        if each.role in names:
            found[each.person] = found.get(each.person, False) or each.active
    return found


def _stand_ins(connection: Connection, infrastructure_id: int, now: datetime) -> Iterator[Person]:
    query = (
        select(*people.PERSON)
        .join(stand_ins, stand_ins.c.person_id == persons.c.id)
        .join(roles, roles.c.person_id == stand_ins.c.contact_id)
        .where(
            stand_ins.c.infrastructure_id == infrastructure_id,
            stand_ins.c.starts_at <= now,
            stand_ins.c.ends_at > now,
            roles.c.infrastructure_id == infrastructure_id,
            roles.c.role.in_([str(name) for name in CONTACTS]),
            roles.c.held_until.is_(None),
            roles.c.state == "active",
        )
        .order_by(persons.c.name, persons.c.id)
        .distinct()
    )
    return map(people.person_of, connection.execute(query))


def _without_direct_message(
    connection: Connection, person_ids: Collection[int], now: datetime
) -> frozenset[int]:
    """Those whose direct message did not work lately; whether it still does not is tried once a day."""
    lately = or_(conversations.c.checked_at.is_(None), conversations.c.checked_at > now - CLOSED_FOR)
    query = select(conversations.c.person_id).where(
        conversations.c.person_id.in_(person_ids), conversations.c.archived | conversations.c.absent, lately
    )
    return frozenset(connection.execute(query).scalars())


def _bounced(connection: Connection, request_id: int) -> frozenset[int]:
    """Those whose e-mail about a request failed; there is one for each, and it is not queued a second time."""
    failed = (deliveries.c.kind == "mail", deliveries.c.notice == "asked", deliveries.c.state == "failed")
    query = select(deliveries.c.person_id).where(deliveries.c.request_id == request_id, *failed)
    return frozenset(connection.execute(query).scalars())


def _rows(
    request_id: int,
    step: Step,
    listed: Iterable[Person],
    *,
    reached: bool,
    direct: bool = False,
    by_mail: bool = False,
) -> Iterator[dict[str, object]]:
    for person in listed:
        yield {
            "request_id": request_id,
            "person_id": person.id,
            "step": str(step),
            "reached": reached,
            "direct": direct,
            "by_mail": by_mail,
        }
