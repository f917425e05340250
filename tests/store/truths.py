"""What holds at every moment, and across every step, whatever people did."""

from collections import Counter, defaultdict
from datetime import datetime

from handlers.notices import NOTICES
from handlers.replies import REPLIES
from tests.store.oracle import DIRECT, Facts

OF_CHANGES = {"registered", "released", "serial_changed", "version_changed", "registration_undone"}


def at_every_moment(now: Facts) -> None:
    """Check what holds in the rows of one moment."""
    _registrations_are_unique(now)
    _pending_items_wait_for_something(now)
    _reserved_serials_wait(now)
    _decisions_have_deciders(now)
    _files_go_to_requesters(now)
    _licenses_are_numbered(now)
    _everything_has_words(now)


def across_a_step(before: Facts, after: Facts, moment: datetime) -> None:
    """Check what a step of the desk's may change; `moment` is when it was made."""
    if before.state != after.state:
        assert after.entries > before.entries, "a change of state without an entry in the record"
    _files_are_queued_by_right(before, after, moment)
    _licenses_are_made_by_right(before, after, moment)
    _notices_reach_people(before, after)


def after_following_up(now: Facts, moment: datetime) -> None:
    """Check that nothing waits for anybody in vain once the desk has looked at what waits."""
    for item in now.pending():
        request = now.requests[item.request_id]
        asked = [row.person_id for row in now.asked if row.request_id == request.id and row.reached]
        assert any(now.may_decide(each, request.id) for each in asked)
        assert all(now.may_decide(each, request.id) for each in asked)
        held = now.roles_of(request.requester_id, request.infrastructure_id)
        assert held - {"auditor"}
        assert request.kind == "release" or now.may_have_files(request.infrastructure_id, moment)


def _registrations_are_unique(now: Facts) -> None:
    open_slots = Counter(each.slot_id for each in now.registrations.values() if each.state == "open")
    serials = Counter(
        each.serial for each in now.registrations.values() if each.state in {"open", "reserved"}
    )
    assert set(open_slots.values()) <= {1}
    assert set(serials.values()) <= {1}


def _pending_items_wait_for_something(now: Facts) -> None:
    waiting = Counter((each.registration_id, each.requester_id) for each in now.pending())
    assert set(waiting.values()) <= {1}
    for item in now.pending():
        assert now.registrations[item.registration_id].state == "open"
        asked = [row for row in now.asked if row.request_id == item.request_id and row.reached]
        cards = [
            row for row in now.deliveries.values() if row.request_id == item.request_id and row.kind == "card"
        ]
        assert asked or any(row.state == "queued" for row in cards), "a request that nobody was asked"


def _reserved_serials_wait(now: Facts) -> None:
    reserved = sorted(each.id for each in now.registrations.values() if each.state == "reserved")
    waiting = [each for each in now.pending() if now.requests[each.request_id].kind == "serial_change"]
    assert sorted(each.reserved_id for each in waiting) == reserved


def _decisions_have_deciders(now: Facts) -> None:
    for item in now.items.values():
        if item.state in {"forwarded", "declined"}:
            assert item.decider_id is not None
            assert item.decider_id != item.requester_id
        if item.state != "pending":
            assert item.decided_at is not None
        assert (item.cause is not None) is (item.state == "closed")


def _files_go_to_requesters(now: Facts) -> None:
    files = [row for row in now.deliveries.values() if row.kind == "file"]
    for file in files:
        assert file.person_id == now.items[file.item_id].requester_id
    on_their_way = Counter(row.item_id for row in files if row.state == "queued")
    assert set(on_their_way.values()) <= {1}


def _licenses_are_numbered(now: Facts) -> None:
    by_slot = defaultdict(list)
    for each in sorted(now.licenses, key=lambda row: row.seq):
        by_slot[each.slot_id].append(each)
    for made in by_slot.values():
        assert [each.seq for each in made] == list(range(1, len(made) + 1))
        assert [each.replaces for each in made] == [None, *(each.jti for each in made[:-1])]


def _everything_has_words(now: Facts) -> None:
    said = {(row.kind, row.notice) for row in now.deliveries.values() if row.notice}
    assert {name for kind, name in said if kind == "notice"} <= NOTICES.keys()
    assert {name for kind, name in said if kind == "reply"} <= REPLIES.keys()


def _files_are_queued_by_right(before: Facts, after: Facts, moment: datetime) -> None:
    for file in _new(before.deliveries, after.deliveries):
        if file.kind != "file":
            continue
        item = after.items[file.item_id]
        place = after.requests[item.request_id].infrastructure_id
        held = before.roles_of(file.person_id, place)
        assert item.state in {"direct", "forwarded"}
        assert held & DIRECT if item.state == "direct" else held - {"auditor"}
        assert before.may_have_files(place, moment)


def _licenses_are_made_by_right(before: Facts, after: Facts, moment: datetime) -> None:
    known = {each.id for each in before.licenses}
    for made in after.licenses:
        if made.id not in known:
            registration = after.registrations[made.registration_id]
            assert registration.state == "open"
            assert before.may_have_files(registration.infrastructure_id, moment)


def _notices_reach_people(before: Facts, after: Facts) -> None:
    for each in _new(before.deliveries, after.deliveries):
        if each.kind != "notice":
            continue
        person = after.persons[each.person_id]
        assert person.active
        assert person.slack_id is not None
        if each.notice in OF_CHANGES:
            place = after.registrations[each.registration_id].infrastructure_id
            assert after.roles_of(each.person_id, place), "told of what they have nothing to do with"


def _new(before: dict[int, object], after: dict[int, object]) -> list:  # type: ignore[type-arg] # rows of any table
    return [row for key, row in after.items() if key not in before]
