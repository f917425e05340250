"""Controls that change the workspace itself, each with the events that Slack sends about it."""

from dataclasses import fields

from bot.sandbox import events, steps
from bot.sandbox.control import Controls, Json, verb
from bot.sandbox.conversations import Conversation
from bot.sandbox.errors import Refused
from bot.sandbox.people import Person
from bot.sandbox.world import World


def _hears(world: World, place: Conversation) -> bool:
    return world.app.bot_user in place.members


def _tell(world: World, place: Conversation, event: Json) -> None:
    """Events of a channel reach the app only while it is in there."""
    if _hears(world, place):
        world.emit(event)


def _change_person(world: World, person: Person) -> Json:
    person.updated = int(world.clock.now())
    world.emit(events.user_changed(world, person))
    return {}


@verb
async def deactivate(controls: Controls, given: Json) -> Json:
    """Deactivate `user`: their modals close, they cannot be written to."""
    person = controls.world.person(given["user"])
    person.deleted = True
    controls.world.views.stack(person.id).clear()
    return _change_person(controls.world, person)


@verb
async def reactivate(controls: Controls, given: Json) -> Json:
    """Make `user` active again."""
    person = controls.world.person(given["user"])
    person.deleted = False
    return _change_person(controls.world, person)


@verb
async def change_person(controls: Controls, given: Json) -> Json:
    """Change members of `user`, for example `email` or `is_restricted`."""
    person = controls.world.person(given["user"])
    changes = given["changes"]
    strange = sorted(set(changes) - ({each.name for each in fields(Person)} - {"id"}))
    if strange:
        raise Refused(f"a person has no {', '.join(strange)} to change")
    for name, value in changes.items():
        setattr(person, name, value)
    return _change_person(controls.world, person)


@verb
async def add_person(controls: Controls, given: Json) -> Json:
    """Let somebody join the workspace: the members of `Person`."""
    world = controls.world
    person = Person(**({"team": world.workspace.id, "real_name": given["name"]} | given))
    if person.id in world.people:
        raise Refused(f"there is a {person.id} already")
    world.people[person.id] = person
    world.emit(events.team_joined(world, person))
    return {}


@verb
async def archive(controls: Controls, given: Json) -> Json:
    """Archive `channel`."""
    world, place = controls.world, controls.world.place(given["channel"])
    place.archived = True
    _tell(world, place, events.archived(world, place, _actor(world, place)))
    return {}


@verb
async def unarchive(controls: Controls, given: Json) -> Json:
    """Bring `channel` back."""
    world, place = controls.world, controls.world.place(given["channel"])
    place.archived = False
    _tell(world, place, events.unarchived(world, place, _actor(world, place)))
    return {}


@verb
async def delete_channel(controls: Controls, given: Json) -> Json:
    """Delete `channel` and everything in it."""
    world, place = controls.world, controls.world.place(given["channel"])
    _tell(world, place, events.deleted(world, place, _actor(world, place)))
    del world.conversations[place.id]
    return {}


@verb
async def rename_channel(controls: Controls, given: Json) -> Json:
    """Give `channel` another `name`."""
    world, place = controls.world, controls.world.place(given["channel"])
    place.name = given["name"]
    _tell(world, place, events.renamed(world, place))
    return {}


@verb
async def share_channel(controls: Controls, given: Json) -> Json:
    """Share `channel` with another organization, or no longer (`shared`)."""
    controls.world.place(given["channel"]).shared = bool(given["shared"])
    return {}


@verb
async def remove_bot(controls: Controls, given: Json) -> Json:
    """Take the app out of `channel`."""
    world, place = controls.world, controls.world.place(given["channel"])
    if _hears(world, place):
        place.members.remove(world.app.bot_user)
        world.emit(events.app_removed(world, place, _actor(world, place)))
    return {}


@verb
async def join(controls: Controls, given: Json) -> Json:
    """Let `user`, or the app itself, come into `channel`."""
    world, place = controls.world, controls.world.place(given["channel"])
    person = world.person(given["user"])
    if person.id not in place.members:
        place.members.append(person.id)
        _tell(world, place, events.member_joined(world, place, person.id))
    return {}


@verb
async def leave(controls: Controls, given: Json) -> Json:
    """Let `user` leave `channel`."""
    world, place = controls.world, controls.world.place(given["channel"])
    person = world.person(given["user"])
    if person.id in place.members:
        _tell(world, place, events.member_left(world, place, person.id))
        place.members.remove(person.id)
    return {}


@verb
async def uninstall(controls: Controls, _given: Json) -> Json:
    """Remove the app: its tokens work no longer."""
    controls.world.installed = False
    controls.world.emit(events.tokens_revoked(controls.world))
    controls.world.emit(events.app_uninstalled())
    return {}


@verb
async def reinstall(controls: Controls, _given: Json) -> Json:
    """Install the app again, with the same tokens."""
    controls.world.installed = True
    return {}


@verb
async def start_function(controls: Controls, given: Json) -> Json:
    """Begin a workflow step with the id `execution`."""
    controls.world.executions[given["execution"]] = {"outcome": "running", "result": None}
    return {}


@verb
async def run_step(controls: Controls, given: Json) -> Json:
    """Run a step of the app in a workflow: `callback_id`, `inputs`; gives the `execution`."""
    world = controls.world
    declared = steps.declared(world.app.functions, given["callback_id"])
    steps.require_inputs(declared, given.get("inputs", {}), world.people)
    execution = world.ids.thing("Fx")
    running = {"outcome": "running", "result": None, "callback_id": given["callback_id"]}
    world.executions[execution] = running
    happened = events.function_executed(world, given["callback_id"], given.get("inputs", {}), execution)
    controls.line.send_event(happened)
    return {"execution": execution}


@verb
async def function(controls: Controls, given: Json) -> Json:
    """How the workflow step `execution` stands: `outcome` and `result`."""
    state = controls.world.executions.get(given["execution"])
    if state is None:
        raise Refused(f"there is no step {given['execution']}")
    return state


def _actor(world: World, place: Conversation) -> str:
    people = [member for member in place.members if member != world.app.bot_user]
    return people[0] if people else ""
