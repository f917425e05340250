"""Trigger ids and response addresses: permissions that end soon."""

from dataclasses import dataclass, field

from bot.sandbox.clock import Clock
from bot.sandbox.errors import ApiError
from bot.sandbox.ids import Ids

TRIGGER_SECONDS = 3.0
ANSWER_SECONDS = 30 * 60.0
ANSWER_USES = 5
EXPIRED_WORDS = "`trigger_id` expired [json-pointer:/trigger_id]"


@dataclass
class Trigger:
    """Permission to show one view to `user`, given by something they did at the moment `born`."""

    user: str
    born: float
    used: bool = False


@dataclass
class Triggers:
    """All trigger ids that were handed out."""

    ids: Ids
    clock: Clock
    known: dict[str, Trigger] = field(default_factory=dict)

    def make(self, user: str) -> str:
        """A trigger id for something that `user` did just now."""
        trigger_id = f"{self.ids.number()}.{self.ids.number()}.{self.ids.secret()}"
        self.known[trigger_id] = Trigger(user, self.clock.now())
        return trigger_id

    def use(self, trigger_id: str, expired_as: str) -> str:
        """The person it belongs to; it works once, within three seconds.

        `expired_as` is the shape of the refusal of a late one: `expired_trigger_id`, or `invalid_arguments`
        with the words in `response_metadata.messages`; both have been seen at Slack.
        """
        trigger = self.known.get(trigger_id)
        if trigger is None:
            raise ApiError("invalid_trigger_id")
        if self.clock.now() - trigger.born > TRIGGER_SECONDS:
            raise _too_late(expired_as)
        if trigger.used:
            raise ApiError("exchanged_trigger_id")
        trigger.used = True
        return trigger.user


def _too_late(expired_as: str) -> ApiError:
    if expired_as == "expired_trigger_id":
        return ApiError(expired_as)
    return ApiError.explained("invalid_arguments", [EXPIRED_WORDS])


@dataclass
class ResponseUrl:
    """An address at which the app may answer `user` in `channel`; `message_ts` is the message acted upon."""

    user: str
    channel: str
    born: float
    message_ts: str = ""
    uses: int = 0


@dataclass
class ResponseUrls:
    """All response addresses that were handed out, by their secret."""

    ids: Ids
    clock: Clock
    known: dict[str, ResponseUrl] = field(default_factory=dict)

    def make(self, user: str, channel: str, message_ts: str = "") -> str:
        """The secret end of a new address."""
        secret = self.ids.secret()
        self.known[secret] = ResponseUrl(user, channel, self.clock.now(), message_ts)
        return secret

    def use(self, secret: str) -> ResponseUrl:
        """What the address stands for; five times within thirty minutes."""
        address = self.known.get(secret)
        if address is None:
            raise ApiError("no_such_url")
        if self.clock.now() - address.born > ANSWER_SECONDS:
            raise ApiError("expired_url")
        if address.uses >= ANSWER_USES:
            raise ApiError("used_url")
        address.uses += 1
        return address
