"""Serial numbers of other infrastructures: refused without details, and the operators are told."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from store import telling
from store.desk import Act, Actor, Desk, intention
from store.rules.registration_errors import SerialElsewhere

P = ParamSpec("P")
R = TypeVar("R")


@intention
def report_foreign_serial(act: Act, refusal: SerialElsewhere) -> None:
    """Tell the operators, once a day, that somebody typed a serial number that is open elsewhere."""
    about = f"{refusal.infrastructure_id}:{refusal.other_registration_id}"
    telling.tell_operators(
        act,
        "foreign_serial",
        f"foreign-serial:{about}:{act.now:%Y-%m-%d}",
        tried_by_id=act.actor.person_id,
        infrastructure_id=refusal.infrastructure_id,
        other_registration_id=refusal.other_registration_id,
    )


def reports_foreign_serials(
    function: Callable[Concatenate[Desk, Actor, P], R],
) -> Callable[Concatenate[Desk, Actor, P], R]:
    """Report what an intention refuses with `SerialElsewhere`, in a transaction of its own."""

    @wraps(function)
    def run(desk: Desk, actor: Actor, /, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(desk, actor, *args, **kwargs)
        except SerialElsewhere as refusal:
            report_foreign_serial(desk, actor, refusal)
            raise

    return run
