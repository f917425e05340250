"""Metrics: what the desk counts and times, in a registry of its own. No label ever names a person."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_ANSWER_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 3.0)
"""Upper bounds in seconds; at 3 seconds Slack tells the person that the app did not answer."""
_CALL_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """Counters, gauges and histograms of one process. All times are in seconds."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._answers = Histogram(
            "license_desk_answer_seconds",
            "Time to the answer, by what was asked (command, action, view, shortcut, event) and outcome",
            ("kind", "name", "outcome"),
            buckets=_ANSWER_SECONDS,
            registry=self.registry,
        )
        self._rejected = Counter(
            "license_desk_rejected", "Requests turned away at the door", ("cause",), registry=self.registry
        )
        self._refusals = Counter(
            "license_desk_refusals", "What the rules turned down", ("refusal",), registry=self.registry
        )
        self._deliveries = Counter(
            "license_desk_deliveries", "Deliveries", ("kind", "outcome"), registry=self.registry
        )
        self._calls = Histogram(
            "license_desk_slack_call_seconds",
            "Calls to Slack",
            ("method", "outcome"),
            buckets=_CALL_SECONDS,
            registry=self.registry,
        )
        self._queue_age = self._gauge(
            "license_desk_oldest_due_delivery_seconds", "Age of the oldest due delivery"
        )
        self._paused = self._gauge("license_desk_paused_people", "People who were refused too often")
        self._pong_age = self._gauge(
            "license_desk_slack_pong_age_seconds", "Time since Slack's last sign of life"
        )
        self._connections = self._gauge(
            "license_desk_slack_connections", "Sockets that Slack has with this app"
        )

    def _gauge(self, name: str, words: str) -> Gauge:
        return Gauge(name, words, registry=self.registry)

    def answered(self, kind: str, name: str, outcome: str, seconds: float) -> None:
        """Count one answer to Slack; `name` is a subcommand, action, view or event of ours."""
        self._answers.labels(kind, name, outcome).observe(seconds)

    def rejected(self, cause: str) -> None:
        """Count one request that the guard turned away."""
        self._rejected.labels(cause).inc()

    def refused(self, refusal: type[Exception]) -> None:
        """Count one refusal of the rules by its class."""
        self._refusals.labels(refusal.__name__).inc()

    def delivered(self, kind: str, outcome: str) -> None:
        """Count one attempt at a delivery."""
        self._deliveries.labels(kind, outcome).inc()

    def called(self, method: str, outcome: str, seconds: float) -> None:
        """Count one call to Slack; the outcome is `ok`, an error code of Slack's or `no_answer`."""
        self._calls.labels(method, outcome).observe(seconds)

    def queue_age(self, seconds: float) -> None:
        """Note how long the oldest due delivery has been waiting."""
        self._queue_age.set(seconds)

    def paused(self, number: int) -> None:
        """Note how many people are not answered at this moment, since they were refused too often."""
        self._paused.set(number)

    def pong_age(self, seconds: float) -> None:
        """Note how long ago Slack last gave a sign of life on the socket."""
        self._pong_age.set(seconds)

    def connections(self, number: int) -> None:
        """Note how many sockets Slack has with this app, ours included."""
        self._connections.set(number)

    def page(self) -> bytes:
        """Give all figures in Prometheus' text format."""
        return generate_latest(self.registry)
