"""The guard before Bolt in HTTP mode: only what Slack signed, once, in time and well formed passes.

Bolt itself answers 500 to unsigned broken bodies and 200 to an unsigned `ssl_check=1`, and logs the bodies of
both; so nothing reaches it that this guard has not seen through. The scheme is Slack's "v0": HMAC-SHA256 of
`v0:<timestamp>:<raw body>` with the signing secret.
"""

import hmac
import json
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

MAX_BYTES = 1_000_000
MAX_SKEW = 300.0
"""Seconds by which a request's timestamp may differ from our clock."""
MAX_REMEMBERED = 100_000
"""Signatures remembered at most, about 20 MB; beyond that the oldest are forgotten."""

_TIMESTAMP = re.compile(rb"\d{1,12}", re.ASCII)
_SIGNATURE = re.compile(rb"v0=[0-9a-f]{64}", re.ASCII)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class Rejected(Exception):
    """The guard turns a request away.

    `status` is the answer's, `cause` one word for the metrics, `words` say it in the log; none of them holds
    anything of the body.
    """

    def __init__(self, status: int, cause: str, words: str) -> None:
        self.status = status
        self.cause = cause
        self.words = words
        super().__init__(words)


class Guard:
    """Checks requests with one signing secret. To be used from one thread (the server's event loop).

    `clock` gives the present as a Unix time in seconds.
    """

    def __init__(self, signing_secret: str, clock: Callable[[], float]) -> None:
        self._key = signing_secret.encode()
        self._clock = clock
        self._seen: OrderedDict[bytes, float] = OrderedDict()

    def __repr__(self) -> str:
        return "Guard()"

    def check(self, headers: Mapping[bytes, bytes], body: bytes) -> dict[str, Any]:
        """Give the object that a request carries, or raise Rejected. Header names are in lower case."""
        self._check_signature(headers, body)
        return _read(headers.get(b"content-type", b""), body)

    def _check_signature(self, headers: Mapping[bytes, bytes], body: bytes) -> None:
        stamp, signature = headers.get(b"x-slack-request-timestamp"), headers.get(b"x-slack-signature")
        if stamp is None or signature is None:
            raise Rejected(401, "unsigned", "it is not signed")
        if not _TIMESTAMP.fullmatch(stamp) or not _SIGNATURE.fullmatch(signature):
            raise Rejected(401, "malformed", "its signature or timestamp is malformed")
        digest = hmac.digest(self._key, b"v0:%b:%b" % (stamp, body), "sha256")
        if not hmac.compare_digest(digest, bytes.fromhex(signature[3:].decode())):
            raise Rejected(401, "mismatch", "its signature does not match; is the secret the app's?")
        self._check_time(float(stamp))
        self._check_first_time(digest, float(stamp))

    def _check_time(self, stamp: float) -> None:
        # Only after the signature: a forger shall not learn our clock, and the words blame only a real clock.
        late = self._clock() - stamp
        if abs(late) > MAX_SKEW:
            clock = f"{abs(late):.0f} seconds {'ahead of' if late > 0 else 'behind'} Slack's"
            words = f"it is stale, or this machine's clock is {clock}; {MAX_SKEW:.0f} are allowed"
            raise Rejected(401, "stale", words)

    def _check_first_time(self, digest: bytes, stamp: float) -> None:
        now = self._clock()
        while self._seen and (len(self._seen) >= MAX_REMEMBERED or next(iter(self._seen.values())) < now):
            self._seen.popitem(last=False)
        if digest in self._seen:
            raise Rejected(401, "repeated", "the same signature came before")
        self._seen[digest] = stamp + MAX_SKEW


def _read(content_type: bytes, body: bytes) -> dict[str, Any]:
    kind = content_type.partition(b";")[0].strip().lower()
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise Rejected(400, "broken", "its body is not UTF-8") from None
    if kind == b"application/json":
        return _object(text)
    if kind == b"application/x-www-form-urlencoded":
        return _form(text)
    raise Rejected(400, "broken", "its body is neither JSON nor a form")


def _form(text: str) -> dict[str, Any]:
    try:
        form = dict(parse_qsl(text, keep_blank_values=True, errors="strict"))
    except ValueError:
        raise Rejected(400, "broken", "its form is broken") from None
    if "payload" in form:
        return _object(form["payload"])
    if not form.get("command"):
        raise Rejected(400, "broken", "its form has neither a payload nor a command")
    return form


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
        if _SURROGATE.search(text):
            # Half a character pair passes as JSON, and fails only when it is written somewhere.
            json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise Rejected(400, "broken", "its JSON is broken") from None
    if not isinstance(found, dict):
        raise Rejected(400, "broken", "its JSON is not an object")
    return found
