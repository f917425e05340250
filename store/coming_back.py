"""People who come back to Slack: their roles still rest, and those who may confirm them are told."""

from store import people, role_rows
from store.desk import Act
from store.people import Person
from store.role_changes import admins_of
from store.telling import tell


def tell_came_back(act: Act, person: Person) -> None:
    """Tell admins and operators, once for each return, that somebody with resting roles is back."""
    resting = [each for each in role_rows.of_person(act.connection, person.id) if not each.active]
    if not resting:
        return
    told = {each.id for each in people.operators(act.connection)}
    for held in resting:
        told |= {each.id for each in admins_of(act.connection, held.scope)}
    occasion = f"came-back:{person.id}:{act.now.isoformat()}"
    tell(act, "roles_to_confirm", told - {person.id}, occasion, about_person_id=person.id)
