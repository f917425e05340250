"""What goes wrong on purpose: the faults a test or a demonstration asked for."""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from bot.sandbox.clock import Clock
from bot.sandbox.errors import Refused

Kind = Literal["ratelimited", "server_error", "garbage", "silence", "lost", "cut", "refused"]


@dataclass
class Fault:
    """One kind of trouble at the Web API.

    `ratelimited` answers 429 with `Retry-After`; `server_error` answers `status`; `garbage` answers 200 with a
    body that is no JSON; `silence` does nothing and holds the connection for `hold` seconds; `lost` does what
    was asked, and then holds the connection and cuts it; `cut` cuts it at once and does nothing; `refused`
    answers the Slack error `error`. It strikes `method` (empty: every one; besides methods
    there are `upload`, `download` and `response_url`) for the next `calls` calls, or until
    the moment `until`, or for good.
    """

    kind: Kind
    method: str = ""
    calls: int | None = None
    until: float | None = None
    retry_after: int = 1
    status: int = 503
    hold: float = 0.0
    error: str = "fatal_error"


@dataclass
class Weather:
    """The present troubles; a new one is fair weather.

    Seconds throughout. `latency` delays every Web API answer; `sharing` is the time between the completion of
    an upload and its appearance; with `never_shared` it never appears; `redeliver` sends everything so many
    times more; `trigger_error` chooses how a trigger that came too late is refused; `missing_scopes` are
    taken from the app's; `ack` is how long an ack may take. `holding` are the faults that hold a connection.
    """

    latency: float = 0.0
    sharing: float = 0.05
    never_shared: bool = False
    redeliver: int = 0
    trigger_error: str = "expired_trigger_id"
    missing_scopes: list[str] = field(default_factory=list)
    refuse_sockets: bool = False
    ack: float = 3.0
    faults: list[Fault] = field(default_factory=list)
    holding: list[Fault] = field(default_factory=list)

    def strike(self, method: str, now: float) -> Fault | None:
        """The fault that this call meets, counted as used once."""
        self.faults = [fault for fault in self.faults if not _is_over(fault, now)]
        for fault in self.faults:
            if fault.method in ("", method):
                fault.calls = None if fault.calls is None else fault.calls - 1
                return fault
        return None

    def change(self, wishes: dict[str, Any], clock: Clock) -> None:
        """Set what `wishes` names: members of the weather, or a `fault` with the members of `Fault`."""
        wishes = dict(wishes)
        kind = wishes.pop("fault", None)
        if kind is not None:
            self.faults.append(_fault(kind, wishes, clock))
            return
        known = {each.name for each in fields(self)} - {"faults", "holding"}
        strange = sorted(set(wishes) - known)
        if strange:
            raise Refused(f"the weather has no {', '.join(strange)}; it has {', '.join(sorted(known))}")
        for name, value in wishes.items():
            setattr(self, name, value)

    def calm(self, kind: str) -> None:
        """End every trouble of one kind; answers that it holds back are held no longer."""
        self.faults = [fault for fault in self.faults if fault.kind != kind]
        _let_go(fault for fault in self.holding if fault.kind == kind)

    def clear(self) -> None:
        """Fair weather again; answers that are held back are held no longer."""
        _let_go(self.holding)
        for each in fields(self):
            setattr(self, each.name, getattr(Weather(), each.name))


def _let_go(faults: Iterable[Fault]) -> None:
    for fault in faults:
        fault.hold = 0.0


def _is_over(fault: Fault, now: float) -> bool:
    return fault.calls == 0 or (fault.until is not None and now >= fault.until)


def _fault(kind: str, wishes: dict[str, Any], clock: Clock) -> Fault:
    seconds = wishes.pop("seconds", None)
    known = {each.name for each in fields(Fault)} - {"kind", "until"}
    strange = sorted(set(wishes) - known)
    if strange or kind not in Kind.__args__:  # type: ignore[attr-defined]  # a Literal keeps its words there
        raise Refused(f"no such trouble: {kind} {strange}")
    until = None if seconds is None else clock.now() + seconds
    hold = wishes.pop("hold", 60.0 if kind == "silence" else 0.0)
    return Fault(kind, until=until, hold=hold, **wishes)  # type: ignore[arg-type]  # checked two lines above
