"""What a person sees of the app: messages, views, files, answers; small and frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

Json = dict[str, Any]


@dataclass(frozen=True)
class File:
    """A file; `title` is what people read, `size` in bytes, `shared_in` the conversations it is shown in."""

    id: str
    name: str
    title: str
    size: int
    url_private: str
    shared_in: tuple[str, ...]

    @classmethod
    def of(cls, shown: Mapping[str, Any]) -> Self:
        """Read from Slack's file object."""
        places = (*shown["channels"], *shown["groups"], *shown["ims"])
        return cls(shown["id"], shown["name"], shown["title"], shown["size"], shown["url_private"], places)


@dataclass(frozen=True)
class Message:
    """A message; `edited` is the time of its last edit, `history` its earlier texts, `raw` Slack's object."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[Json]
    thread_ts: str | None
    files: list[File]
    metadata: Json | None
    edited: str | None
    history: list[str]
    ephemeral: bool
    raw: Json = field(repr=False)

    @classmethod
    def of(cls, shown: Json) -> Self:
        """Read from what the controls give."""
        return cls(
            channel=shown["channel"],
            ts=shown["ts"],
            user=shown["user"],
            text=shown["text"],
            blocks=shown.get("blocks", []),
            thread_ts=shown.get("thread_ts"),
            files=[File.of(each) for each in shown.get("files", [])],
            metadata=shown.get("metadata"),
            edited=shown.get("edited", {}).get("ts"),
            history=shown["history"],
            ephemeral=shown["ephemeral"],
            raw=shown,
        )


@dataclass(frozen=True)
class View:
    """A modal or a Home; `state` is what stands in its inputs, `raw` Slack's object."""

    id: str
    type: str
    callback_id: str
    title: str
    blocks: list[Json]
    private_metadata: str
    hash: str
    state: Json
    raw: Json = field(repr=False)

    @classmethod
    def of(cls, shown: Json) -> Self:
        """Read from Slack's view object."""
        return cls(
            id=shown["id"],
            type=shown["type"],
            callback_id=shown["callback_id"],
            title=(shown["title"] or {}).get("text", ""),
            blocks=shown["blocks"],
            private_metadata=shown["private_metadata"],
            hash=shown["hash"],
            state=shown["state"]["values"],
            raw=shown,
        )


@dataclass(frozen=True)
class Answer:
    """How the app answered something a person did: in time (`ok`), after so many `seconds`, with what words.

    `error` is what Slack's client would show instead, for example `operation_timeout`; `problems` are the
    limits that the answer broke.
    """

    ok: bool
    error: str
    seconds: float
    text: str
    blocks: list[Json]
    problems: list[str]

    @classmethod
    def of(cls, given: Json) -> Self:
        """Read from what the controls give."""
        return cls(
            ok=given["ok"],
            error=given["error"],
            seconds=given["seconds"],
            text=given.get("text", ""),
            blocks=given.get("blocks", []),
            problems=given.get("problems", []),
        )


@dataclass(frozen=True)
class Submitted:
    """What became of a submission.

    `errors` stand at their blocks; `sent` is false when Slack's client itself objected. `view` is the modal
    that followed, `closed` that this one is gone. `trouble` is the sentence people see when the app's answer
    was late, missing or made no sense; `error` and `problems` say why.
    """

    errors: dict[str, str]
    view: View | None
    closed: bool
    trouble: str | None
    sent: bool
    error: str
    problems: list[str]
    seconds: float

    @classmethod
    def of(cls, given: Json) -> Self:
        """Read from what the controls give."""
        return cls(
            errors=given.get("errors", {}),
            view=View.of(given["view"]) if given.get("view") else None,
            closed=given.get("closed", False),
            trouble=given.get("trouble"),
            sent=given["sent"],
            error=given.get("error", ""),
            problems=given.get("problems", []),
            seconds=given.get("seconds", 0.0),
        )


@dataclass(frozen=True)
class Crossing:
    """One crossing of the wire, as `bot.sandbox.traffic.Record` describes it."""

    kind: str
    name: str
    at: float
    sent: Any
    answer: Any
    seconds: float
    outcome: str
    connection: str

    @classmethod
    def of(cls, given: Json) -> Self:
        """Read from what the controls give."""
        return cls(**given)
