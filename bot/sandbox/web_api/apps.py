"""Methods about the app itself and its connection: `api.*`, `apps.*`, `auth.*`, `bots.*`, `team.*`."""

from bot.sandbox.errors import ApiError
from bot.sandbox.web_api.call import Call, Json, Method


def _api_test(call: Call) -> Json:
    error = call.text("error")
    if error:
        raise ApiError(error, args={"error": error})
    return {"args": {}}


def _auth_test(call: Call) -> Json:
    world = call.world
    return {
        "url": f"{world.base_url}/",
        "team": world.workspace.name,
        "user": world.people[world.app.bot_user].name,
        "team_id": world.workspace.id,
        "user_id": world.app.bot_user,
        "bot_id": world.app.bot_id,
        "is_enterprise_install": False,
    }


def _connections_open(call: Call) -> Json:
    address = call.world.base_url.replace("http", "ws", 1)
    ticket = call.world.ids.secret()
    call.world.tickets[ticket] = call.world.clock.now()
    return {"url": f"{address}/link?ticket={ticket}&app_id={call.world.app.id}"}


def _bots_info(call: Call) -> Json:
    app = call.world.app
    if call.text("bot", app.bot_id) != app.bot_id:
        raise ApiError("bot_not_found")
    about = {"deleted": False, "name": app.name, "updated": 0, "app_id": app.id, "user_id": app.bot_user}
    return {"bot": {"id": app.bot_id, **about, "icons": {}}}


def _team_info(call: Call) -> Json:
    workspace = call.world.workspace
    if call.text("team", workspace.id) != workspace.id:
        raise ApiError("team_not_found")
    about = {"name": workspace.name, "domain": workspace.domain, "email_domain": "", "icon": {}}
    return {"team": {"id": workspace.id, **about, "url": f"{call.world.base_url}/"}}


METHODS = [
    Method("api.test", _api_test, optional=("error",), token="none"),  # noqa: S106  # a kind of token
    Method("auth.test", _auth_test),
    Method("apps.connections.open", _connections_open, token="app"),  # noqa: S106  # a kind of token
    Method("bots.info", _bots_info, optional=("bot", "team_id"), scope="users:read"),
    Method("team.info", _team_info, optional=("domain", "team"), scope="team:read"),
]
