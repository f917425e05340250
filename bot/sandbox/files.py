"""Files: promised, uploaded, completed, shared."""

import re
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.errors import ApiError


@dataclass
class Share:
    """Where a file is shared: the conversation, the kind of it, and the message that shows the file."""

    channel: str
    kind: str
    ts: str


@dataclass
class StoredFile:
    """A file; `content` is None until uploaded, `completed` until then nobody but the uploader knows it."""

    id: str
    name: str
    length: int
    user: str
    created: int
    ticket: str
    title: str = ""
    content: bytes | None = None
    completed: bool = False
    deleted: bool = False
    shares: list[Share] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """What Slack calls a type of file: `text` for whatever is text, otherwise the ending of the name."""
        if self.is_text:
            return "text"
        return self.name.rpartition(".")[2].lower() if "." in self.name else "binary"

    @property
    def is_text(self) -> bool:
        """Whether the content can be read as text."""
        try:
            return "\0" not in (self.content or b"").decode()
        except UnicodeDecodeError:
            return False


def file_object(file: StoredFile, team: str, base_url: str) -> dict[str, Any]:
    """The file as `files.info` gives it; `shares` is there only once it is shared somewhere."""
    place = f"{base_url}/files-pri/{team}-{file.id}"
    # Slack, too, keeps only plain characters of a name in the address.
    in_address = re.sub(r"[^\w.-]", "_", file.name, flags=re.ASCII).lower()
    shown: dict[str, Any] = {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title or file.name,
        "mimetype": "text/plain" if file.is_text else "application/octet-stream",
        "filetype": file.kind,
        "pretty_type": "Plain Text" if file.is_text else file.kind.upper(),
        "user": file.user,
        "user_team": team,
        "size": len(file.content or b""),
        "mode": "hosted",
        "url_private": f"{place}/{in_address}",
        "url_private_download": f"{place}/download/{in_address}",
        "permalink": f"{base_url}/files/{file.user}/{file.id}/{file.name}",
    }
    return shown | _standing(file) | _places(file)


def _standing(file: StoredFile) -> dict[str, Any]:
    return {
        "editable": False,
        "is_external": False,
        "external_type": "",
        "is_public": any(share.kind == "channel" for share in file.shares),
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "comments_count": 0,
    }


def _places(file: StoredFile) -> dict[str, Any]:
    places: dict[str, Any] = {
        "channels": [share.channel for share in file.shares if share.kind == "channel"],
        "groups": [share.channel for share in file.shares if share.kind == "group"],
        "ims": [share.channel for share in file.shares if share.kind == "im"],
    }
    shares: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for share in file.shares:
        side = shares.setdefault("public" if share.kind == "channel" else "private", {})
        side.setdefault(share.channel, []).append(_share_object(share))
    return places | ({"shares": shares, "has_more_shares": False} if shares else {})


def _share_object(share: Share) -> dict[str, Any]:
    return {"reply_users": [], "reply_users_count": 0, "reply_count": 0, "ts": share.ts}


class Files:
    """All files of the workspace, by id and by upload ticket."""

    def __init__(self) -> None:
        self.by_id: dict[str, StoredFile] = {}
        self._by_ticket: dict[str, StoredFile] = {}

    def add(self, file: StoredFile) -> StoredFile:
        """Keep a new file."""
        self.by_id[file.id] = file
        self._by_ticket[file.ticket] = file
        return file

    def of_ticket(self, ticket: str) -> StoredFile | None:
        """The file that an upload address was made for."""
        return self._by_ticket.get(ticket)

    def visible(self, file_id: str) -> StoredFile:
        """A completed file that was not deleted, or the error that Slack documents."""
        file = self.by_id.get(file_id)
        if file is None or not file.completed:
            raise ApiError("file_not_found")
        if file.deleted:
            raise ApiError("file_deleted")
        return file
