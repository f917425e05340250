"""The running program on this machine: whether it is ready, and whether another one takes its requests."""

import http.client
import json
import re
from collections.abc import Iterator

from bot.doctoring.finding import Finding, ok, problem, warning
from bot.settings import Settings

SUBJECT = "Program"
_TIMEOUT = 5.0
_CONNECTIONS = re.compile(r"^license_desk_slack_connections (\d+)", re.MULTILINE)


def check(settings: Settings) -> Iterator[Finding]:
    """Ask the health port; the sockets of the app can be counted by the program that has one, and by no other."""
    try:
        status, body = ask(settings, "/ready")
        figures = ask(settings, "/metrics")[1]
    except (OSError, http.client.HTTPException):
        yield _silent(settings)
        return
    if status == http.client.OK:
        yield ok(SUBJECT, "running here, and ready.")
    else:
        yield from _not_ready(body)
    if settings.mode == "socket":
        yield from _connections(figures)


def _silent(settings: Settings) -> Finding:
    says = (
        f"nothing answers at {_host(settings)}:{settings.health_port}, so License Desk seems not to run here."
    )
    return warning(
        SUBJECT, says, "Start it: license-desk run. If it runs on another machine, ask the doctor there."
    )


def _not_ready(body: str) -> Iterator[Finding]:
    """What the program itself says is not well."""
    try:
        checks = json.loads(body)["checks"].items()
        unwell = [f"{name}: {each['says']}" for name, each in checks if not each["well"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        unwell = ["something else than License Desk answers on its health port"]
    for says in unwell:
        yield problem(SUBJECT, f"running here, but not ready: {says}.", "Its log says more.")


def _connections(figures: str) -> Iterator[Finding]:
    found = _CONNECTIONS.search(figures)
    number = int(found[1]) if found else 0
    if number > 1:
        says = f"Slack deals the requests among {number} connections with the same app token."
        yield warning(SUBJECT, says, _ANOTHER)
    elif number == 1:
        yield ok(SUBJECT, "Slack has one connection with this app.")


def ask(settings: Settings, path: str) -> tuple[int, str]:
    """Ask the program on this machine on its health port; give status and body.

    Raises `OSError` or `http.client.HTTPException` when none answers.
    """
    connection = http.client.HTTPConnection(_host(settings), settings.health_port, timeout=_TIMEOUT)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    finally:
        connection.close()


def _host(settings: Settings) -> str:
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - read, not listened on.
    return everywhere.get(settings.health_host, settings.health_host)


_ANOTHER = (
    "If only one process of this desk runs, another program uses the token and gets part of the requests: "
    "stop it, or give it an app of its own."
)
