"""What is attached to a message with several license files: the files themselves, or one archive of them."""

import io
import re
import zipfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from store import reissued_files
from store.deliveries import Delivery
from store.desk import Desk
from store.reissued_files import ReissuedFile

MOST_APART = 3
"""More files than this go as one archive."""

_LONGEST_NAME = 80
_UNUSUAL = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file as it is uploaded."""

    name: str
    title: str
    content: bytes


def attachments(
    connection: Connection, desk: Desk, delivery: Delivery, license_ids: Collection[int]
) -> list[Attachment]:
    """What to upload for these licenses; the same bytes each time. Raises `VaultClosed`."""
    files = reissued_files.files(connection, license_ids)
    found = [(each, reissued_files.content(desk, connection, each)) for each in files]
    if len(found) <= MOST_APART:
        titles = [f"License file of {each.slot_name}" for each in files]
        return [
            Attachment(each.file_name, title, content)
            for (each, content), title in zip(found, titles, strict=True)
        ]
    infrastructure = reissued_files.infrastructure_of(connection, delivery).name
    return [Attachment(archive_name(infrastructure), f"License files of {infrastructure}", zipped(found))]


def archive_name(infrastructure: str) -> str:
    """The name of the archive with the license files of an infrastructure."""
    plain = _UNUSUAL.sub("-", infrastructure).strip("-.")[:_LONGEST_NAME]
    return f"{plain or 'infrastructure'}-licenses.zip"


def zipped(files: Sequence[tuple[ReissuedFile, bytes]]) -> bytes:
    """An archive of license files, with their checksums as `sha256sum -c` reads them."""
    written = io.BytesIO()
    sums = "".join(f"{each.sha256}  {each.file_name}\n" for each, _ in files)
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, content in files:
            # Without a time of its own every entry has the same one, and so the archive the same bytes.
            archive.writestr(zipfile.ZipInfo(each.file_name), content, zipfile.ZIP_DEFLATED)
        archive.writestr(zipfile.ZipInfo("SHA256SUMS"), sums, zipfile.ZIP_DEFLATED)
    return written.getvalue()
