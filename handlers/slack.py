"""Calls to Slack that answer a person who waits, over a web client; and what their failures mean."""

import http.client
import urllib.request
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from handlers.answers import FileRead, Message
from handlers.blocks.kit import View
from store.rules.upload_errors import UploadTooLarge, UploadUnreadable

log = structlog.get_logger(__name__)

_TIMEOUT_SECONDS = 10
_MOST_PAGES = 20
_TRIGGER_OVER = frozenset({"expired_trigger_id", "exchanged_trigger_id", "trigger_expired"})


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Follows no redirect, because the token would go along to wherever it leads."""

    def redirect_request(self, *_: Any) -> None:
        """Leave the answer as the refusal that it is."""


_STRAIGHT: Final = urllib.request.build_opener(_NoRedirects)


class ResponseRefused(Exception):
    """A response address did not take the answer; it works five times within half an hour.

    `status` is the HTTP status.
    """

    def __init__(self, status: int) -> None:
        super().__init__(f"a response address answered with status {status}")
        self.status = status


class WebCalls:
    """`SlackCalls` over a web client that repeats nothing by itself (`retry_handlers=[]`)."""

    def __init__(self, client: WebClient) -> None:
        self._client = client

    def views_open(self, trigger_id: str, view: View) -> None:
        """Show a modal. Raises SlackApiError; `is_trigger_over` tells a trigger that came too late."""
        self._client.views_open(trigger_id=trigger_id, view=view)

    def views_push(self, trigger_id: str, view: View) -> None:
        """Show a modal on top of the open one. Raises like `views_open`."""
        self._client.views_push(trigger_id=trigger_id, view=view)

    def views_update(self, view_id: str, view: View, view_hash: str | None = None) -> None:
        """Draw an open view anew. Raises SlackApiError; `is_hash_conflict` tells that it had changed."""
        self._client.views_update(view_id=view_id, view=view, hash=view_hash)

    def views_update_named(self, external_id: str, view: View) -> None:
        """Draw the view of this name anew. Raises SlackApiError; `is_view_unknown` tells that it is not there."""
        self._client.views_update(external_id=external_id, view=view)

    def views_publish(self, user: str, view: View) -> None:
        """Draw the Home tab of a person. Raises SlackApiError."""
        self._client.views_publish(user_id=user, view=view)

    def post_ephemeral(self, channel: str, user: str, message: Message, thread_ts: str = "") -> None:
        """Say something in a channel that one person sees. Raises SlackApiError."""
        self._client.chat_postEphemeral(channel=channel, user=user, thread_ts=thread_ts or None, **message)

    def post_direct(self, user: str, message: Message) -> None:
        """Say something in the direct message with a person. Raises SlackApiError."""
        self._client.chat_postMessage(channel=user, **message)

    def users_info(self, user: str) -> Mapping[str, Any]:
        """Who somebody is: Slack's user object. Raises SlackApiError."""
        found: Mapping[str, Any] = self._client.users_info(user=user)["user"]
        return found

    def channel_info(self, channel: str) -> Mapping[str, Any]:
        """What a channel is like: Slack's channel object. Raises SlackApiError."""
        found: Mapping[str, Any] = self._client.conversations_info(channel=channel)["channel"]
        return found

    def channel_members(self, channel: str) -> list[str]:
        """The Slack ids of those who are in a channel, of a very large one the first. Raises SlackApiError."""
        found: list[str] = []
        cursor: str | None = None
        for _ in range(_MOST_PAGES):
            answer = self._client.conversations_members(channel=channel, limit=1000, cursor=cursor)
            found += answer.get("members") or []
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or None
            if cursor is None:
                break
        return found

    def read_file(self, file_id: str, user: str, most: int) -> FileRead:
        """A file that a person uploaded. Raises `UploadTooLarge` and `UploadUnreadable`."""
        try:
            file = self._client.files_info(file=file_id)["file"]
            if file.get("user") != user:
                raise UploadUnreadable
            if int(file.get("size") or 0) > most:
                raise UploadTooLarge(most)
            content = self.download(str(file.get("url_private_download") or ""), most)
        except (SlackApiError, OSError, http.client.HTTPException) as error:
            log.warning("A file could not be read from Slack", code=failure_code(error))
            raise UploadUnreadable from None
        if len(content) > most:
            raise UploadTooLarge(most)
        return FileRead(str(file.get("name") or ""), content)

    def download(self, url: str, most: int) -> bytes:
        """At most one byte more than `most` of what Slack keeps there for the app's token.

        A file may also stand for one that is kept elsewhere: the token is never sent there. Raises `UploadUnreadable`
        for such an address, and OSError for one that leads on to another.
        """
        if not _is_within(url, self._client.base_url):
            raise UploadUnreadable
        request = urllib.request.Request(  # noqa: S310 # The scheme was looked at just above.
            url, headers={"Authorization": f"Bearer {self._client.token}"}
        )
        with _STRAIGHT.open(request, timeout=_TIMEOUT_SECONDS) as answer:
            content: bytes = answer.read(most + 1)
        return content

    def respond(self, response_url: str, message: Message, *, replace: bool = False) -> None:
        """Answer at a response address. Raises ResponseRefused, which slack_sdk by itself would not."""
        webhook = WebhookClient(response_url, timeout=_TIMEOUT_SECONDS, retry_handlers=[])
        answer = webhook.send_dict({"response_type": "ephemeral", "replace_original": replace, **message})
        if answer.status_code != 200:
            raise ResponseRefused(answer.status_code)


def _is_within(url: str, api: str) -> bool:
    """Whether an address is of the same site as Slack's Web API, or of a host below it such as files.slack.com."""
    try:
        there, here = urlsplit(url), urlsplit(api)
        same = (there.scheme, there.port) == (here.scheme, here.port)
    except ValueError:
        return False
    host, site = there.hostname or "", here.hostname or ""
    return same and bool(site) and (host == site or host.endswith(f".{site}"))


def is_trigger_over(error: Exception) -> bool:
    """Whether a trigger came too late or a second time; Slack says so in two shapes."""
    if not isinstance(error, SlackApiError):
        return False
    code = str(error.response.get("error"))
    return code in _TRIGGER_OVER or (code == "invalid_arguments" and "trigger" in _explained(error))


def is_hash_conflict(error: Exception) -> bool:
    """Whether a view had changed since its hash was taken."""
    return isinstance(error, SlackApiError) and error.response.get("error") == "hash_conflict"


def is_view_unknown(error: Exception) -> bool:
    """Whether there is no such view: not yet, or not any more."""
    return isinstance(error, SlackApiError) and error.response.get("error") == "not_found"


def is_from_slack(error: Exception) -> bool:
    """Whether Slack refused or gave no answer, and nothing of ours failed."""
    return isinstance(error, SlackApiError | ResponseRefused | OSError | http.client.HTTPException)


def failure_code(error: Exception) -> str:
    """Slack's code of a failure, or the kind of error when Slack gave none; for the log."""
    if isinstance(error, SlackApiError):
        return str(error.response.get("error"))
    return type(error).__name__


def _explained(error: SlackApiError) -> str:
    metadata = error.response.get("response_metadata")
    messages = metadata.get("messages") if isinstance(metadata, dict) else None
    return " ".join(map(str, messages)) if isinstance(messages, list) else ""
