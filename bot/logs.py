"""Logs: structlog over the standard library, JSON for machines, plain lines for a terminal, never a secret.

Four walls stand between what people send and the log. Our own lines carry no bodies. Records of Slack's
libraries, which put whole requests into their messages, are pared down to their leading words and the place
of the error. Tracebacks go without the rows that a database refused. And each finished line passes the
redactor, which knows tokens, signatures, files and keys.
"""

import copy
import logging
import re
import sys
import traceback
from typing import TextIO

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import ExcInfo, Processor

from bot.settings import Settings

_SLACK_LIBRARIES = ("slack_bolt", "slack_sdk")
_LEADING_WORDS = re.compile(r"[A-Za-z][A-Za-z ,.'-]{0,79}")
_SECRETS = re.compile(
    r"""
      xox[a-z][.-][\w.-]+                           # bot, user and refresh tokens
    | (?:xapp|xwfp)-[\w-]+                          # app-level and workflow tokens
    | v0=[0-9a-f]{16,}                              # signatures of requests
    | eyJ[\w-]{8,}\.[\w-]*(?:\.[\w-]*)?             # license files: JWS in compact form
    | -----BEGIN[ ][A-Z ]*PRIVATE[ ]KEY-----.*?(?:-----END[ ][A-Z ]*-----|\Z)
    | (?<=ticket=)[\w-]+                            # the right to open one socket
    | (?<=hooks\.slack\.com/)[\w/-]+                # addresses that answer in somebody's name
    | (?<=://)[^\s/@:]+:[^\s/@]+(?=@)               # user and password in an address
    """,
    re.VERBOSE | re.DOTALL,
)
_REDACTED = "[redacted]"
# PostgreSQL puts the whole row that it refuses, and with it what people wrote, into the words of its errors.
_DETAIL = re.compile(
    r"^(DETAIL|CONTEXT):.*?(?=^\[SQL: |^\n(?:The above|During handling of the above) exception|\Z)",
    re.MULTILINE | re.DOTALL,
)


def configure(settings: Settings, stream: TextIO | None = None) -> None:
    """Send every log line of this process to `stream` (default: standard error), formatted by the settings.

    May be called again; the last call counts.
    """
    stream = sys.stderr if stream is None else stream
    as_json = settings.log_format == "json" or (settings.log_format == "auto" and not stream.isatty())
    _route(stream, _renderer(as_json), settings.log_level.upper())
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            *_common(),
            ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def release() -> None:
    """Write no more to the stream that `configure` was given."""
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, DeskHandler)]:
        root.removeHandler(handler)


def slack_logger() -> logging.Logger:
    """Give the logger for Bolt's `App` and the SDK's clients.

    Its level is set on itself: the libraries compare `logger.level` and otherwise build a dump of every
    request, which the logging machinery then throws away.
    """
    logger = logging.getLogger("slack_sdk.desk")
    logger.setLevel(logging.WARNING)
    return logger


def redact(line: str) -> str:
    """Replace whatever looks like a token, signature, license file, private key or password."""
    return _SECRETS.sub(_REDACTED, line)


class DeskHandler(logging.StreamHandler[TextIO]):
    """Writes records as lines, Slack's libraries' records pared down."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record; what the libraries say below a warning is left out."""
        if record.name.startswith(_SLACK_LIBRARIES):
            if record.levelno < logging.WARNING:
                return
            record = _pared(record)
        super().emit(record)

    def format(self, record: logging.LogRecord) -> str:
        """Format and redact one record."""
        return redact(super().format(record))

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the standard library's name.
        """Say that a line was lost; the default would print its arguments."""
        self.stream.write(f"A log line of {record.name} at line {record.lineno} could not be written.\n")


def _pared(record: logging.LogRecord) -> logging.LogRecord:
    words = _LEADING_WORDS.match(str(record.msg))
    pared = copy.copy(record)
    pared.msg = f"{words[0].strip() if words else 'A message'}; the rest is withheld{_place(record)}"
    pared.args, pared.exc_info, pared.exc_text, pared.stack_info = None, None, None, None
    return pared


def _place(record: logging.LogRecord) -> str:
    if not record.exc_info or record.exc_info[0] is None:
        return ""
    frames = traceback.extract_tb(record.exc_info[2])
    where = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return f" ({record.exc_info[0].__name__}{where})"


def _common() -> list[Processor]:
    return [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _renderer(as_json: bool) -> list[Processor]:
    if as_json:
        return [structlog.processors.ExceptionRenderer(_told), structlog.processors.JSONRenderer()]
    # Plain tracebacks: the decorated ones show local variables, and with them requests and keys.
    return [
        structlog.dev.ConsoleRenderer(exception_formatter=lambda out, error: print(_told(error), file=out))
    ]


def _told(exc_info: ExcInfo) -> str:
    """A traceback without the rows that a database refused."""
    written = "".join(traceback.format_exception(*exc_info)).rstrip("\n")
    return _DETAIL.sub(r"\1: [withheld]\n", written)


def _route(stream: TextIO, renderer: list[Processor], level: str) -> None:
    handler = DeskHandler(stream)
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=_common(), processors=[ProcessorFormatter.remove_processors_meta, *renderer]
        )
    )
    release()
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(level)
