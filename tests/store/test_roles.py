"""Setting roles: who may, what is kept, who is told, and what waits is put to whoever can decide it now."""

from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import select

from store import audit_check, overtaken, profiles, role_rows, roles
from store.desk import Actor, Desk, intention
from store.profiles import Profile
from store.role_rows import Scope
from store.rules.errors import DeskError
from store.rules.people_errors import (
    CannotHoldRole,
    LastCompanyAdmin,
    MayNotSetRole,
    OneHolderOnly,
    RoleNotHeld,
)
from store.rules.rights import RoleName
from store.rules.role_rules import SET_BY
from store.rules.seeing_errors import NotAssociated
from store.tables import stand_ins
from tests.example import WORKSPACE, Example
from tests.store.peopling import holders, newcomer, notices, role_ids, set_role
from tests.store.requesting import (
    card_targets,
    deactivate,
    entries,
    give_role,
    put,
    registered,
    rest_roles,
    seen,
)
from tests.store.test_races import at_once

ADMINISTRATORS = {"eva", "tom"}
BY_DESIGN = {
    "financial_contact": {"olga"},
    "technical_contact": {"eva", "tom", "rui"},
    "additional_contact": ADMINISTRATORS,
    "member": ADMINISTRATORS,
    "infrastructure_admin": {"eva", "olga"},
    "company_admin": {"eva", "olga"},
    "auditor": {"eva", "olga"},
}
EVERYBODY = ("ana", "rui", "fiona", "ada", "tom", "eva", "max", "olga")


def asked(desk: Desk, request: int) -> set[int]:
    return {each.id for each in seen(desk, request).asked}


@pytest.mark.parametrize("role", BY_DESIGN)
def test_a_role_is_set_by_those_whom_the_rules_name_and_by_nobody_else(
    desk: Desk, example: Example, role: str
) -> None:
    allowed = set()
    for name in EVERYBODY:
        person = newcomer(desk, f"New{name} Person")
        if may_set(desk, getattr(example, name), example.core, role, person):
            allowed.add(name)
        assert (person in holders(desk, role)) is (name in allowed)
        if role == "technical_contact":
            # Whoever is set follows the present one, who is needed for the next round.
            set_role(desk, example.eva, example.core, role, add=(example.rui,))
    assert allowed == BY_DESIGN[role]


def may_set(desk: Desk, actor: int, infrastructure: int, role: str, person: int) -> bool:
    try:
        set_role(desk, actor, infrastructure, role, add=(person,))
    except MayNotSetRole:
        return False
    return True


def test_those_who_may_are_named_to_those_who_may_not(desk: Desk, example: Example) -> None:
    for role, names in (
        ("technical_contact", ("Eva Lang", "Rui Costa", "Tom Berg")),
        ("auditor", ("Eva Lang",)),
    ):
        with pytest.raises(MayNotSetRole) as refused:
            set_role(desk, example.ana, example.core, role, add=(example.ben,))
        assert refused.value.who_may == names


def test_nobody_makes_operators_in_slack(desk: Desk, example: Example) -> None:
    assert RoleName.OPERATOR not in SET_BY
    for person in (example.olga, example.eva):
        with pytest.raises(MayNotSetRole):
            set_role(desk, person, example.core, "operator", add=(example.ana,))


def test_somebody_of_another_company_is_told_nothing(desk: Desk, example: Example) -> None:
    with pytest.raises(NotAssociated):
        set_role(desk, example.nina, example.core, "member", add=(example.otto,))
    with pytest.raises(NotAssociated):
        set_role(desk, example.nina, 999_999, "member", add=(example.otto,))


def test_a_new_technical_contact_takes_the_place_of_the_present_one(desk: Desk, example: Example) -> None:
    changed = set_role(desk, example.eva, example.core, "technical_contact", add=(example.ben,))
    assert changed == [("ended", example.rui), ("given", example.ben)]
    assert holders(desk, "technical_contact") == {example.ben}


def test_of_a_role_with_one_holder_one_person_is_chosen(desk: Desk, example: Example) -> None:
    with pytest.raises(OneHolderOnly):
        set_role(desk, example.eva, example.core, "technical_contact", add=(example.ben, example.ana))


def test_members_are_added_and_removed_in_one_step(desk: Desk, example: Example) -> None:
    person = newcomer(desk)
    changed = set_role(desk, example.tom, example.core, "member", add=(person,), remove=(example.ben,))
    assert changed == [("ended", example.ben), ("given", person)]
    assert person in holders(desk, "member")


def test_what_is_like_that_already_changes_nothing_and_is_not_recorded(desk: Desk, example: Example) -> None:
    assert (
        set_role(desk, example.tom, example.core, "member", add=(example.ana,), remove=(example.eva,)) == []
    )
    assert entries(desk, "give_role") == entries(desk, "end_role") == []
    assert notices(desk, "roles_changed") == {}


def test_the_person_and_the_admins_are_told_and_never_the_actor(desk: Desk, example: Example) -> None:
    set_role(desk, example.tom, example.core, "technical_contact", add=(example.ben,))
    assert set(notices(desk, "own_roles_changed")) == {example.rui, example.ben}
    assert set(notices(desk, "roles_changed")) == {example.eva}
    assert [each["what"] for each in notices(desk, "roles_changed")[example.eva]["changes"]] == [
        "ended",
        "given",
    ]


def test_company_wide_roles_are_told_to_the_company_s_admins(desk: Desk, example: Example) -> None:
    set_role(desk, example.olga, example.core, "auditor", add=(example.ben,))
    assert set(notices(desk, "own_roles_changed")) == {example.ben}
    assert set(notices(desk, "roles_changed")) == {example.eva}


def test_every_change_is_recorded_with_ids_only(desk: Desk, example: Example) -> None:
    set_role(desk, example.tom, example.core, "technical_contact", add=(example.ben,))
    [ended], [given] = entries(desk, "end_role"), entries(desk, "give_role")
    assert (ended.subject, given.subject) == (f"person {example.rui}", f"person {example.ben}")
    assert given.actor_id == example.tom
    assert given.infrastructure_id == example.core
    assert given.facts == {"role": "technical_contact"}


def test_the_role_is_held_from_now_by_whom_it_was_set(desk: Desk, example: Example) -> None:
    from store.tables import roles as rows

    set_role(desk, example.tom, example.core, "additional_contact", add=(example.ben,))
    with desk.database.read() as connection:
        query = select(rows).where(rows.c.person_id == example.ben, rows.c.role == "additional_contact")
        row = connection.execute(query).one()
    assert (row.held_from, row.set_by, row.company_id) == (desk.clock(), example.tom, None)


@pytest.mark.parametrize(("who", "why"), [("gus", "guest"), ("ben", "deactivated")])
def test_somebody_who_could_do_nothing_with_it_gets_no_role(
    desk: Desk, example: Example, who: str, why: str
) -> None:
    deactivate(desk, example.ben)
    with pytest.raises(CannotHoldRole) as refused:
        set_role(desk, example.eva, example.core, "additional_contact", add=(getattr(example, who),))
    assert refused.value.why == why
    assert holders(desk, "additional_contact") == {example.ada}


def test_the_last_active_company_admin_cannot_be_removed(desk: Desk, example: Example) -> None:
    with pytest.raises(LastCompanyAdmin) as refused:
        set_role(desk, example.eva, example.core, "company_admin", remove=(example.eva,))
    assert refused.value.admin.name == "Eva Lang"
    assert entries(desk, "refused:change")[0].subject == f"person {example.eva}"
    assert holders(desk, "company_admin") == {example.eva, example.nina}


def test_a_second_admin_counts_only_while_active(desk: Desk, example: Example) -> None:
    give_role(desk, example.tom, "company_admin", company=example.acme)
    rest_roles(desk, example.tom)
    with pytest.raises(LastCompanyAdmin):
        set_role(desk, example.olga, example.core, "company_admin", remove=(example.eva,))


def test_an_admin_is_replaced_in_one_step(desk: Desk, example: Example) -> None:
    set_role(desk, example.eva, example.core, "company_admin", add=(example.ben,), remove=(example.eva,))
    assert holders(desk, "company_admin") == {example.ben, example.nina}


def test_a_resting_admin_can_be_removed_although_nobody_else_is_left(desk: Desk, example: Example) -> None:
    rest_roles(desk, example.eva)
    changed = set_role(desk, example.olga, example.core, "company_admin", remove=(example.eva,))
    assert changed == [("ended", example.eva)]


def test_of_two_admins_who_remove_each_other_at_once_one_stays(desk: Desk, example: Example) -> None:
    give_role(desk, example.tom, "company_admin", company=example.acme)

    def removes(actor: int, other: int) -> Callable[[], object]:
        return partial(set_role, desk, actor, example.core, "company_admin", (), (other,))

    answers = at_once([removes(example.eva, example.tom), removes(example.tom, example.eva)])
    # Whoever was removed first has lost the right to remove; nobody is refused as the last one.
    assert len([each for each in answers if isinstance(each, DeskError)]) == 1
    assert len(holders(desk, "company_admin") & {example.eva, example.tom}) == 1


def test_of_two_admins_who_leave_at_once_one_stays(desk: Desk, example: Example) -> None:
    give_role(desk, example.tom, "company_admin", company=example.acme)
    answers = at_once(
        [
            partial(set_role, desk, each, example.core, "company_admin", (), (each,))
            for each in (example.eva, example.tom)
        ]
    )
    assert len([each for each in answers if isinstance(each, LastCompanyAdmin)]) == 1
    assert len(holders(desk, "company_admin") & {example.eva, example.tom}) == 1


def test_two_who_set_the_technical_contact_at_once_leave_one(desk: Desk, example: Example) -> None:
    answers = at_once(
        [
            partial(set_role, desk, example.eva, example.core, "technical_contact", (example.ana,)),
            partial(set_role, desk, example.tom, example.core, "technical_contact", (example.ben,)),
        ]
    )
    assert not [each for each in answers if isinstance(each, DeskError)]
    assert len(holders(desk, "technical_contact")) == 1
    with desk.database.read() as connection:
        assert list(audit_check.verify(connection)) == []


@pytest.mark.parametrize(("role", "person"), [("technical_contact", "ben"), ("member", "ana")])
def test_a_role_that_an_import_gave_in_the_meantime_is_refused_in_words(
    desk: Desk, example: Example, role: str, person: str
) -> None:
    scope = Scope(example.acme, example.core)
    given = intention(role_rows.give)
    with pytest.raises(RoleNotHeld):
        given(desk, Actor(example.tom), RoleName(role), scope, getattr(example, person))


def test_a_resting_role_comes_back_only_when_it_is_confirmed(desk: Desk, example: Example) -> None:
    note(desk, "rui", active=False)
    assert holders(desk, "technical_contact") == set()
    note(desk, "rui", active=True)
    assert holders(desk, "technical_contact") == set()
    assert set(notices(desk, "roles_to_confirm")) == {example.eva, example.tom, example.olga}

    roles.confirm(desk, Actor(example.tom), role_ids(desk, example.rui))

    assert holders(desk, "technical_contact") == {example.rui}
    assert set(notices(desk, "own_roles_changed")) == {example.rui}
    assert set(notices(desk, "roles_changed")) == {example.eva}
    assert [each.subject for each in entries(desk, "confirm_role")] == [f"person {example.rui}"]


def note(desk: Desk, name: str, *, active: bool) -> None:
    """Slack says that somebody was deactivated, or is back."""
    profiles.note(desk, Actor(None), Profile(WORKSPACE, f"U0{name.upper()}", name, active=active))


def test_somebody_back_without_roles_is_no_news(desk: Desk, example: Example) -> None:
    newcomer(desk)
    note(desk, "zoe", active=False)
    note(desk, "zoe", active=True)
    assert notices(desk, "roles_to_confirm") == {}


def test_confirming_twice_is_confirming_once(desk: Desk, example: Example) -> None:
    rest_roles(desk, example.rui)
    ids = role_ids(desk, example.rui)
    assert len(roles.confirm(desk, Actor(example.eva), ids)) == 1
    assert roles.confirm(desk, Actor(example.eva), ids) == ()
    assert len(entries(desk, "confirm_role")) == 1


@pytest.mark.parametrize(
    ("who", "whose", "error"),
    [
        pytest.param("tom", "fiona", MayNotSetRole, id="administrators do not set financial contacts"),
        pytest.param("rui", "ada", MayNotSetRole, id="the technical contact is no admin"),
        pytest.param("ana", "rui", MayNotSetRole, id="a member"),
        pytest.param("nina", "rui", NotAssociated, id="the admin of another company"),
        pytest.param("rui", "rui", NotAssociated, id="their own, which rests"),
    ],
)
def test_others_cannot_confirm(
    desk: Desk, example: Example, who: str, whose: str, error: type[DeskError]
) -> None:
    rest_roles(desk, getattr(example, whose))
    with pytest.raises(error):
        roles.confirm(desk, Actor(getattr(example, who)), role_ids(desk, getattr(example, whose)))


@pytest.mark.parametrize("who", ["eva", "olga"])
def test_company_admins_and_operators_confirm_every_role_of_a_company(
    desk: Desk, example: Example, who: str
) -> None:
    for name in ("fiona", "rui", "ada", "tom", "ana", "max"):
        rest_roles(desk, getattr(example, name))
        assert roles.confirm(desk, Actor(getattr(example, who)), role_ids(desk, getattr(example, name)))


def test_the_role_of_somebody_still_deactivated_cannot_be_confirmed(desk: Desk, example: Example) -> None:
    note(desk, "rui", active=False)
    with pytest.raises(CannotHoldRole):
        roles.confirm(desk, Actor(example.eva), role_ids(desk, example.rui))


def test_a_role_that_ended_meanwhile_cannot_be_confirmed(desk: Desk, example: Example) -> None:
    rest_roles(desk, example.ada)
    ids = role_ids(desk, example.ada)
    set_role(desk, example.eva, example.core, "additional_contact", remove=(example.ada,))
    with pytest.raises(RoleNotHeld):
        roles.confirm(desk, Actor(example.eva), ids)


def test_adding_somebody_whose_role_rests_confirms_it(desk: Desk, example: Example) -> None:
    rest_roles(desk, example.ada)
    changed = set_role(desk, example.tom, example.core, "additional_contact", add=(example.ada,))
    assert changed == [("confirmed", example.ada)]


def test_what_waits_is_put_to_a_new_contact_as_well(desk: Desk, example: Example) -> None:
    request = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    set_role(desk, example.tom, example.core, "additional_contact", add=(example.ben,))
    assert asked(desk, request) == {example.rui, example.fiona, example.ada, example.ben}
    assert example.ben in card_targets(desk, request, seen(desk, request).version)
    assert entries(desk, "ask_also")[0].facts == {"asked": [example.ben]}


def test_a_requester_who_becomes_a_contact_is_not_asked_about_their_own_request(
    desk: Desk, example: Example
) -> None:
    request = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    set_role(desk, example.tom, example.core, "additional_contact", add=(example.ana,))
    assert example.ana not in asked(desk, request)
    assert seen(desk, request).version == 1


def test_what_was_put_to_administrators_reaches_the_first_contact_too(desk: Desk, example: Example) -> None:
    request = put(desk, example.ana, registered(desk, example.ana, example.depot_production[0]))
    assert asked(desk, request) == {example.tom}
    set_role(desk, example.tom, example.depot, "additional_contact", add=(example.ben,))
    assert asked(desk, request) == {example.tom, example.ben}


def test_somebody_skipped_is_asked_once_their_role_counts_again(desk: Desk, example: Example) -> None:
    rest_roles(desk, example.rui)
    request = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    assert {each.id for each in seen(desk, request).skipped} == {example.rui}
    roles.confirm(desk, Actor(example.eva), role_ids(desk, example.rui))
    assert example.rui in asked(desk, request)
    assert seen(desk, request).skipped == ()


def test_a_contact_who_is_removed_is_asked_no_more(desk: Desk, example: Example) -> None:
    request = put(desk, example.ana, registered(desk, example.ana, example.quality[0]))
    set_role(desk, example.tom, example.core, "technical_contact", add=(example.ben,))
    overtaken.follow_up(desk)
    assert asked(desk, request) == {example.ben, example.fiona, example.ada}


def test_the_stand_ins_of_somebody_who_is_no_contact_any_more_end(desk: Desk, example: Example) -> None:
    from datetime import date

    from store.stand_ins import name_stand_in

    name_stand_in(
        desk,
        Actor(example.rui),
        example.core,
        example.rui,
        example.ben,
        date(2026, 11, 25),
        date(2026, 12, 1),
    )
    set_role(desk, example.eva, example.core, "technical_contact", add=(example.ana,))
    with desk.database.read() as connection:
        ends = connection.execute(select(stand_ins.c.ends_at)).scalar_one()
    assert ends <= desk.clock()
