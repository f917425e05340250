"""What one process of several does: everything, or a part of it."""

from enum import StrEnum


class Duty(StrEnum):
    """What `license-desk run --role` names: answer Slack, send deliveries, look at the clock, or all of it."""

    ALL = "all"
    WEB = "web"
    COURIER = "courier"
    SCHEDULE = "schedule"

    @property
    def answers(self) -> bool:
        """Whether the process takes what comes from Slack."""
        return self in {Duty.ALL, Duty.WEB}

    @property
    def delivers(self) -> bool:
        """Whether it sends deliveries."""
        return self in {Duty.ALL, Duty.COURIER}

    @property
    def schedules(self) -> bool:
        """Whether it looks for what is due by the clock."""
        return self in {Duty.ALL, Duty.SCHEDULE}
