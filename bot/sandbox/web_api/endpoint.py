"""`POST /api/<method>`: reads a call, lets the weather strike, checks token and arguments, answers, records."""

import json
import time
from collections.abc import Callable
from email.utils import formatdate
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from bot.sandbox import sharing
from bot.sandbox.errors import ApiError
from bot.sandbox.storm import Storm
from bot.sandbox.traffic import Record
from bot.sandbox.web_api.call import Call, Json, Method
from bot.sandbox.web_api.methods import METHODS
from bot.sandbox.world import World

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
BEARER = "Bearer "


class Endpoint:
    """The Web API of one workspace."""

    def __init__(self, world: World, storm: Storm) -> None:
        self.world = world
        self._storm = storm

    async def __call__(self, request: Request) -> Response:
        """Answer one call."""
        name = request.path_params["method"]
        started, at = time.perf_counter(), self.world.clock.now()
        sharing.settle(self.world)
        token, arguments, wrong = await _read(request)
        answer: Json = {}

        async def work(refused_as: str) -> Response:
            answer.update(self._called(name, token, arguments, wrong or refused_as))
            return Response(json.dumps(answer), headers=self._headers(token, at), media_type=JSON)

        response, struck = await self._storm.through(name, work)
        outcome = struck or str(answer.get("error", "ok"))
        seconds = time.perf_counter() - started
        self.world.traffic.add(Record("call", name, at, arguments, answer or None, seconds, outcome))
        return response

    def _headers(self, token: str, at: float) -> dict[str, str]:
        """What Slack tells with every answer: the time, and to the bot token what the app was granted."""
        granted = self.world.installed and token == self.world.app.bot_token
        scopes = {"x-oauth-scopes": ",".join(self.world.scopes())} if granted else {}
        return {"date": formatdate(at, usegmt=True), **scopes}

    def _called(self, name: str, token: str, arguments: Json, wrong: str) -> Json:
        if wrong:
            return {"ok": False, "error": wrong}
        if name not in METHODS:
            return {"ok": False, "error": "unknown_method", "req_method": name}
        try:
            return {"ok": True} | self._done(METHODS[name], token, arguments)
        except ApiError as refused:
            return {"ok": False, "error": refused.code} | refused.facts

    def _done(self, method: Method, token: str, arguments: Json) -> Json:
        self._authorized(method, token)
        call = Call(self.world, arguments)
        if method.scope:
            call.need(method.scope)
        _arguments_fit(method, arguments)
        return method.answer(call)

    def _authorized(self, method: Method, token: str) -> None:
        if method.token == "none":  # noqa: S105  # a kind of token
            return
        if not token:
            raise ApiError("not_authed")
        app = self.world.app
        if token not in (app.bot_token, app.app_token):
            raise ApiError("invalid_auth")
        if not self.world.installed:
            raise ApiError("account_inactive")
        if (token == app.app_token) != (method.token == "app"):  # noqa: S105  # a kind of token
            raise ApiError("not_allowed_token_type")


def _arguments_fit(method: Method, arguments: Json) -> None:
    """Every required argument is there and no unknown one; Slack ignores unknown ones, this does not.

    `team_id` goes with any method, because Slack's own SDK sends it with every one.
    """
    missing = [name for name in method.required if arguments.get(name) in (None, "")]
    unknown = sorted(set(arguments) - {*method.required, *method.optional, "team_id"})
    problems = [f"missing required field: {name}" for name in missing]
    problems += [f"unknown argument: {name}" for name in unknown]
    if problems:
        raise ApiError.explained("invalid_arguments", problems)


async def _read(request: Request) -> tuple[str, Json, str]:
    """The token, the arguments, and what is wrong with them (empty when nothing is)."""
    body = await request.body()
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    arguments: Json = dict(request.query_params)
    wrong = ""
    if body:
        reader = READERS.get(kind)
        read = reader(body) if reader else None
        arguments |= read or {}
        wrong = "" if read is not None else "invalid_post_type" if reader is None else UNREADABLE[kind]
    header = request.headers.get("authorization", "")
    token = header.removeprefix(BEARER) if header.startswith(BEARER) else ""
    return str(arguments.pop("token", "") or token), arguments, wrong


def _from_form(body: bytes) -> Json | None:
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True))
    except UnicodeDecodeError:
        return None


def _from_json(body: bytes) -> Json | None:
    try:
        found = json.loads(body)
    except ValueError:
        return None
    return (
        {key: value for key, value in found.items() if value is not None} if isinstance(found, dict) else None
    )


READERS: dict[str, Callable[[bytes], Json | None]] = {FORM: _from_form, JSON: _from_json}
UNREADABLE = {FORM: "invalid_form_data", JSON: "invalid_arguments"}
