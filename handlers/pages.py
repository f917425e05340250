"""The desk's own pages in a browser: small, without anything from elsewhere, readable in light and dark."""

import base64
import hashlib
import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

_STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem;
  overflow-wrap: anywhere; }
h1 { font-size: 1.25rem; }
code, pre { font: 1rem/1.5 ui-monospace, monospace; }
pre { padding: .75rem; border: 1px solid GrayText; border-radius: .375rem; white-space: pre-wrap; }
textarea { width: 100%; box-sizing: border-box; font: inherit; }
button, .button { font: inherit; padding: .5rem 1rem; border: 1px solid; border-radius: .375rem; cursor: pointer;
  background: ButtonFace; color: ButtonText; text-decoration: none; display: inline-block; }
fieldset { border: 1px solid GrayText; border-radius: .375rem; margin: 1rem 0; padding: 1rem; }
.error { border-left: .25rem solid; padding-left: .75rem; font-weight: 600; }
"""

HEADERS: Final[Mapping[str, str]] = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-robots-tag": "noindex, nofollow",
}
"""Nothing is kept, framed, indexed, or told to other sites: the address may hold a secret."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its HTML, its status, and what it may run; `script` is the source of its one script, if any."""

    html: str
    status: int = 200
    script: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """The headers of every page, and that it loads nothing and runs its own script alone."""
        script = f"script-src '{_hash(self.script)}'; " if self.script else ""
        policy = f"default-src 'none'; style-src '{_hash(_STYLE)}'; {script}form-action 'self'; frame-ancestors 'none'"
        return {**HEADERS, "content-security-policy": f"{policy}; base-uri 'none'"}


def page(title: str, body: str, *, status: int = 200, script: str = "") -> Page:
    """A page with a title of plain text; `body` is HTML in which everything is escaped already."""
    ran = f"<script>{script}</script>" if script else ""
    whole = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{html.escape(title)}</h1>{body}</main>{ran}</body></html>"
    )
    return Page(whole, status, script)


def paragraphs(lines: Sequence[str]) -> str:
    """Lines of plain text, each as a paragraph."""
    return "".join(f"<p>{html.escape(line)}</p>" for line in lines if line)


def _hash(source: str) -> str:
    digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
    return f"sha256-{digest}"
