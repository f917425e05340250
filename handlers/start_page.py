"""The page that a product's console opens: the line to paste in Slack, with serial number and version filled in.

Nothing is stored, and nothing is trusted: what is in the address is only put into the line, if it is well formed.
"""

import html
from typing import Final

from handlers.pages import Page, page, paragraphs
from handlers.words import at_field
from store.desk import Desk
from store.identity import Workspace
from store.rules.errors import DeskError
from store.rules.serials import parse_serial
from store.rules.versions import parse_version

_COPY: Final = (
    "const b=document.getElementById('copy');b.hidden=false;b.onclick=async()=>{"
    "await navigator.clipboard.writeText(document.getElementById('line').textContent);"
    "document.getElementById('copied').textContent='Copied. Paste it in Slack, in any conversation.';};"
)
_TITLE: Final = "Register an environment in Slack"


def start_page(desk: Desk, workspace: Workspace, serial: str, version: str) -> Page:
    """The page for what stands in the address; each of the two may be missing."""
    try:
        typed = " ".join(_parts(serial.strip(), version.strip()))
    except DeskError as error:
        return _refused(at_field(error, desk.policy))
    line = html.escape(f"/license register {typed}".strip())
    body = (
        "<p>Paste this line into Slack, in any conversation, and send it. A form opens with everything filled in.</p>"
        f'<pre id="line">{line}</pre>'
        '<p><button id="copy" type="button" hidden>Copy the line</button> <span id="copied" role="status"></span></p>'
        f"{_open_slack(workspace)}"
        "<p>Nothing is sent by opening this page.</p>"
    )
    return page(_TITLE, body, script=_COPY)


def _parts(serial: str, version: str) -> list[str]:
    return [
        *([parse_serial(serial)] if serial else []),
        *([str(parse_version(version))] if version else []),
    ]


def _open_slack(workspace: Workspace) -> str:
    if not workspace.workspace_id or not workspace.bot_user_id:
        return ""
    address = f"slack://user?team={workspace.workspace_id}&id={workspace.bot_user_id}"
    return f'<p><a class="button" href="{html.escape(address)}">Open License Desk in Slack</a></p>'


def _refused(said: str) -> Page:
    again = "Open the page from your console again, or type /license register in Slack and fill in the form."
    return page(_TITLE, f'<p class="error">{html.escape(said)}</p>{paragraphs([again])}', status=400)
