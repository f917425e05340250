"""Drawing Homes: only the latest, in order, and never to the harm of anything else."""

from datetime import timedelta
from typing import Any

from bot.sandbox.seen import View
from store import home, identity, profiles, registrations
from store.desk import Actor
from store.identity import Workspace
from store.profiles import Profile
from tests.courier.conftest import Scene
from tests.example import WORKSPACE, serial


def drawings(scene: Scene) -> int:
    """How often a Home was drawn."""
    return scene.calls.count(("views.publish", "ok"))


def register(scene: Scene, number: int = 1) -> None:
    slot = scene.example.production[number - 1]
    registrations.register(scene.desk, Actor(scene.example.ben), slot, serial(number), "11.17.0")


def look(scene: Scene, person: int) -> None:
    home.opened(scene.desk, Actor(person), person)


def shown(view: View | None) -> Any:
    assert view
    return view.blocks[0]["text"]["text"]


def test_a_change_draws_the_home_of_whom_it_concerns(scene: Scene) -> None:
    look(scene, scene.example.ada)

    register(scene)
    scene.run()

    assert shown(scene.people.home("U0ADA")) == f"Home of {scene.example.ada}"
    assert scene.people.home("U0TOM") is None


def test_many_changes_are_drawn_together(scene: Scene) -> None:
    look(scene, scene.example.ada)

    for number in (1, 2, 3):
        register(scene, number)
    scene.run()

    assert scene.count(kind="home") == 1
    assert drawings(scene) == 1


def test_a_change_after_the_drawing_is_drawn_again(scene: Scene) -> None:
    look(scene, scene.example.ada)
    register(scene, 1)
    scene.run()

    register(scene, 2)
    scene.run()

    assert drawings(scene) == 2


def test_a_drawing_that_slack_puts_off_is_made_later(scene: Scene) -> None:
    look(scene, scene.example.ada)
    scene.people.weather(fault="ratelimited", method="views.publish", calls=1, retry_after=5)

    register(scene)
    scene.run()

    assert scene.people.home("U0ADA")
    assert scene.states(kind="home") == {"sent"}


def test_a_drawing_that_slack_refuses_has_failed_and_is_not_tried_with_every_change(scene: Scene) -> None:
    look(scene, scene.example.ada)
    scene.people.weather(fault="refused", method="views.publish", calls=1, error="not_enabled")

    register(scene, 1)
    scene.run()
    register(scene, 2)
    scene.run()

    assert scene.states(kind="home") == {"failed"}
    assert scene.count(kind="home") == 1
    assert scene.count(notice="delivery_failed") == 0


def test_home_is_kept_up_to_date_again_once_it_is_opened(scene: Scene) -> None:
    look(scene, scene.example.ada)
    scene.people.weather(fault="refused", method="views.publish", calls=1, error="not_enabled")
    register(scene, 1)
    scene.run()

    look(scene, scene.example.ada)
    register(scene, 2)
    scene.run()

    assert scene.people.home("U0ADA")


def test_nothing_is_drawn_for_somebody_who_left(scene: Scene) -> None:
    look(scene, scene.example.ada)
    gone = Profile(WORKSPACE, "U0ADA", "Ada Novak", None, "UTC", active=False, guest=False, bot=False)
    profiles.note(scene.desk, Actor(None), gone)

    scene.run(timedelta(minutes=1))

    assert scene.people.home("U0ADA") is None
    assert scene.states(kind="home") == {"sent"}


def test_nothing_is_drawn_once_the_app_was_removed(scene: Scene) -> None:
    look(scene, scene.example.ada)
    known = Workspace(WORKSPACE, "Acme", "B0DESK", "U0DESK", None, connected=True)
    identity.remember(scene.desk, Actor(None), known)
    register(scene)
    identity.disconnect(scene.desk, Actor(None), WORKSPACE)

    scene.run()

    assert drawings(scene) == 0
    assert scene.states(kind="home") == {"sent"}
