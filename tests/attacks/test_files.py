"""Names of files, what is uploaded, and tables that spreadsheets open."""

import csv
import gzip
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from slack_sdk import WebClient

from bot.sandbox.client import SlackClient
from bot.sending.archives import archive_name
from handlers import bulk_words
from handlers.slack import WebCalls
from handlers.spreadsheet import harmless
from handlers.words.pens import Plain
from store import bulk
from store.desk import Actor, Desk, Policy
from store.license_file import file_name
from store.rules import sheets
from store.rules.serials import SerialMalformed, parse_serial
from store.rules.upload_errors import UploadUnreadable
from tests.example import Example, serial
from tests.handlers.conftest import (
    bolt,
    context,
    counts,
    database,
    executor,
    logged,
    sandbox,
    slack,
)
from tests.handlers.reading import shown
from tests.handlers.requesting import registered
from tests.handlers.test_bulk import csv_of, handed_in
from tests.store.requesting import registration_state

__all__ = ["bolt", "context", "counts", "database", "executor", "logged", "sandbox", "slack"]

NAMES = [
    "../../etc/passwd",
    "..\\..\\windows",
    "/etc/passwd",
    ".hidden",
    "a\r\nContent-Disposition: attachment; filename=x.exe",
    "a\x00b",
    "\u202egpj.exe",
    "a;rm -rf /",
    "<script>",
    "x" * 500,
    "...",
    "",
]
FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "＝1",
    "＠1",
    '=HYPERLINK("https://evil.example")',
]


@pytest.mark.parametrize("name", NAMES)
def test_the_name_of_an_archive_is_no_path_and_no_header(name: str) -> None:
    assert re.fullmatch(r"[\w-][\w.-]{0,90}-licenses\.zip", archive_name(name))


@pytest.mark.parametrize("name", NAMES)
def test_what_stands_beside_a_serial_number_comes_into_no_file_name(name: str) -> None:
    try:
        found = parse_serial(f"{serial(1)}{name}")
    except SerialMalformed:
        return
    assert file_name(found) == f"{serial(1)}.lic"


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_cell_of_a_report_is_no_formula(cell: str) -> None:
    assert harmless(cell).startswith("'")


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_cell_of_a_result_that_repeats_what_was_handed_in_is_no_formula(
    desk: Desk, example: Example, cell: str
) -> None:
    handed = sheets.read(csv_of((cell, cell, cell, cell, cell)), 10)
    report = bulk.check(desk, Actor(example.ben), handed)
    written = bulk_words.table(report, Plain(Policy(vendor="Meridian"))).decode("utf-8-sig")
    _head, row = csv.reader(io.StringIO(written))
    assert not [
        each for each in row if each.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    ]


def _zip_bomb() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("environments.csv", b"0" * 50_000_000)
    return written.getvalue()


UNREADABLE = "The letters in this file cannot be read."
UPLOADS: dict[str, tuple[Callable[[], bytes], str]] = {
    "a zip bomb": (_zip_bomb, UNREADABLE),
    "a gzip bomb": (lambda: gzip.compress(b"0" * 50_000_000), UNREADABLE),
    "no text": (lambda: bytes(range(256)) * 1_000, UNREADABLE),
    "a zero in a cell": (lambda: csv_of() + b"Acme\x00Core,Production,,,\n", UNREADABLE),
    "too many bytes": (
        lambda: csv_of(("Acme Core", "Production", "", serial(1), "x" * 1_100_000)),
        "This file is too large: at most 1 MiB are read here.",
    ),
    "too many rows": (
        lambda: csv_of(*[("Acme Core", "Production", "", serial(1), "11.17.0")] * 5_001),
        "This table has more than 5,000 rows, which are the most at once.",
    ),
    "a cell without an end": (
        lambda: csv_of() + b'"' + b"x" * 900_000,
        "From line 2 on this file is no table",
    ),
    "text behind a quotation": (
        lambda: csv_of() + b'"Acme" Core,Production,,,\n',
        "From line 2 on this file is no table",
    ),
    "nothing but separators": (lambda: csv_of() + b"," * 900_000, "There is no row below the first line."),
}


@pytest.mark.parametrize("what", UPLOADS)
def test_an_upload_that_is_no_table_is_refused_in_words(
    slack: SlackClient, desk: Desk, example: Example, what: str
) -> None:
    own = registered(desk, example.ben, example.quality[0])
    made, says = UPLOADS[what]
    assert shown(handed_in(slack, "U0BEN", made()).blocks).startswith(says)
    assert registration_state(desk, own) == "open"


class Leads(BaseHTTPRequestHandler):
    """Sends whoever asks to another address, and remembers who came there with what."""

    def do_GET(self) -> None:
        if self.path == "/there":
            seen.append(str(self.headers["Authorization"]))
        self.send_response(302 if self.path == "/here" else 200)
        self.send_header("Location", "/there")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # the name is the library's
        """Say nothing."""


seen: list[str] = []
"""What came to the other address."""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Leads)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    "address", ["{}/here", "http://files.evil.example/x", "file:///etc/passwd", "ftp://127.0.0.1/x", ""]
)
def test_the_address_of_a_file_leads_the_token_nowhere_else(elsewhere: str, address: str) -> None:
    seen.clear()
    calls = WebCalls(WebClient(token="xoxb-sandbox-bot-token", base_url=f"{elsewhere}/api/"))
    with pytest.raises((UploadUnreadable, OSError)):
        calls.download(address.format(elsewhere), 100)
    assert seen == []
