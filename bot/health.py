"""Health: `/live`, `/ready` and `/metrics` on a port of their own, with the reasons in words."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from threading import Lock

import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.metrics import Metrics
from bot.sentences import sentence
from bot.site import site
from store.one_at_a_time import OneAtATime
from store.rules.errors import DeskError

log = structlog.get_logger(__name__)

_METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True)
class Finding:
    """What one check found: whether it is well, and a sentence that says so."""

    well: bool
    says: str


Check = Callable[[], Finding]


def health_app(checks: Mapping[str, Check], metrics: Metrics) -> Starlette:
    """Make the application of the health port.

    `/live` answers while the process can answer at all. `/ready` answers 200 when every check is well, else 503,
    with each check's sentence: `{"ready": false, "checks": {"database": {"well": false, "says": "..."}}}`.
    """

    def live(_request: Request) -> Response:
        return PlainTextResponse("alive\n")

    def ready(_request: Request) -> Response:
        findings = {name: _find(name, check) for name, check in checks.items()}
        well = all(finding.well for finding in findings.values())
        body = {"ready": well, "checks": {name: asdict(finding) for name, finding in findings.items()}}
        return JSONResponse(body, status_code=200 if well else 503)

    def figures(_request: Request) -> Response:
        return Response(metrics.page(), media_type=_METRICS_TYPE)

    return site([Route("/live", live), Route("/ready", ready), Route("/metrics", figures)])


def database_check(ping: Callable[[], object]) -> Check:
    """Make the check that `ping` (a trivial query) comes back."""

    def check() -> Finding:
        started = time.perf_counter()
        ping()
        return Finding(True, f"answered in {(time.perf_counter() - started) * 1000:.1f} ms")

    return check


def socket_check(pong_age: Callable[[], float | None], deaf_after: float) -> Check:
    """Make the check that Slack was heard on the socket within `deaf_after` seconds."""

    def check() -> Finding:
        age = pong_age()
        if age is None:
            return Finding(False, "no connection to Slack; trying again")
        return Finding(age <= deaf_after, f"Slack was last heard {age:.1f} seconds ago")

    return check


def age_check(age: Callable[[], float | None], most: float, *, of: str, never: Finding) -> Check:
    """Make the check that something (`of`) is at most `most` seconds old; `never` is said when there is none."""

    def check() -> Finding:
        seconds = age()
        if seconds is None:
            return never
        return Finding(seconds <= most, f"{of} {seconds:.0f} seconds ago; at most {most:.0f} are well")

    return check


def courier_check(turn_age: Callable[[], float | None], most: float = 30.0) -> Check:
    """Make the check that the courier looked for work within `most` seconds."""
    return age_check(turn_age, most, of="last turn", never=Finding(False, "the courier has not begun"))


def queue_check(due_age: Callable[[], float | None], most: float = 300.0) -> Check:
    """Make the check that no due delivery waits for longer than `most` seconds."""
    return age_check(due_age, most, of="oldest delivery due", never=Finding(True, "no delivery is due"))


def keys_check(fingerprints: Sequence[str]) -> Check:
    """Make the check that says which master keys the process has, by their fingerprints, newest first."""
    return lambda: Finding(True, f"known by fingerprint, newest first: {', '.join(fingerprints)}")


def signing_check(
    signs: Callable[[], bool],
    *,
    within: float = 2.0,
    fresh_for: float = 10.0,
    clock: Callable[[], float] = time.monotonic,
) -> Check:
    """Make the check that the active key signs; `signs` tells whether there is one, and raises when it does not sign.

    A finding is told for `fresh_for` seconds, since a token is slow and may count what it signs; looking keeps nobody
    for longer than `within` seconds, whatever it goes on to do.
    """
    lock, calls = Lock(), OneAtATime()
    finding, found_at = Finding(False, ""), -math.inf

    def check() -> Finding:
        nonlocal finding, found_at
        with lock:
            if clock() - found_at >= fresh_for:
                finding, found_at = _signing(lambda: calls.call(signs, within), within), clock()
            return finding

    return check


def _signing(signs: Callable[[], bool], within: float) -> Finding:
    try:
        there = signs()
    except TimeoutError:
        return Finding(False, f"the active signing key did not sign within {within:g} seconds")
    except DeskError as error:
        return Finding(False, sentence(error))
    return Finding(True, "the active key signs" if there else "there is no active signing key yet")


def _find(name: str, check: Check) -> Finding:
    try:
        return check()
    except Exception as error:
        # The outermost edge of a check: whatever it raises is its finding. The words stay in the log.
        log.warning("A health check failed", check=name, exc_info=True)
        return Finding(False, f"the check failed ({type(error).__name__}); the log says more")
