"""Alternating rounds: every server under the same load in turn, so that whatever else the machine does hits all.

The figure of a server is the median of its rounds; a ratio is the median of the ratios within a round.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Final

from tests.bench.load import Job, Measured, measure
from tests.bench.results import Table

WARM_UP: Final = 2.0
SECONDS: Final = 3.0
ROUNDS: Final = 7
Figure = Callable[[Measured], float]


@dataclass(frozen=True)
class Contender:
    """A server: where it answers, who asks it, and what is in every right answer."""

    port: int
    people: list[str]
    expected: str

    def job(self, seconds: float) -> Job:
        """Its load for so many seconds."""
        return Job(self.port, seconds, self.people, self.expected)


@dataclass(frozen=True)
class Rounds:
    """What was measured, round by round, by the name of the server."""

    measured: Mapping[str, list[Measured]]

    def middle(self, name: str, figure: Figure) -> float:
        """A figure of one server."""
        return median(figure(each) for each in self.measured[name])

    def ratio(self, ours: str, other: str, figure: Figure) -> float:
        """A figure of ours over that of another server."""
        pairs = zip(self.measured[ours], self.measured[other], strict=True)
        return median(figure(mine) / figure(its) for mine, its in pairs)

    def table(self, title: str) -> Table:
        """The figures of every server side by side."""
        lines = [
            (
                name,
                f"{self.middle(name, requests_per_second):.0f}",
                f"{self.middle(name, p50):.2f}",
                f"{self.middle(name, p99):.2f}",
            )
            for name in self.measured
        ]
        return Table(title, ("server", "requests/s", "p50 ms", "p99 ms"), tuple(lines))


def requests_per_second(measured: Measured) -> float:
    """Answers in a second."""
    return measured.requests_per_second


def p50(measured: Measured) -> float:
    """The time in milliseconds in which half of the answers came."""
    return measured.p50_ms


def p99(measured: Measured) -> float:
    """The time in milliseconds in which 99 of 100 answers came."""
    return measured.p99_ms


def alternate(contenders: Mapping[str, Contender], rounds: int = ROUNDS) -> Rounds:
    """Warm every server up, and measure all of them in turn, round after round."""
    for each in contenders.values():
        measure(each.job(WARM_UP))
    measured: dict[str, list[Measured]] = {name: [] for name in contenders}
    for number in range(1, rounds + 1):
        for name, each in contenders.items():
            measured[name].append(measure(each.job(SECONDS)))
        sys.stderr.write(f"round {number} of {rounds}: {_spoken(measured)}\n")
    return Rounds(measured)


def _spoken(measured: Mapping[str, list[Measured]]) -> str:
    return ", ".join(f"{name} {each[-1].requests_per_second:.0f}/s" for name, each in measured.items())
