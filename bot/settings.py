"""Settings: read once by the command line, frozen, secrets hidden; a wrong one is refused in words.

A setting is the environment variable `LICENSE_DESK_` and its name in capitals, or such a line in `.env`.
"""

import base64
import binascii
import re
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from dotenv import dotenv_values
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.syslog_address import SyslogAddress
from store.rules.held_files import ENDINGS

PREFIX = "LICENSE_DESK_"
SOCKET_CONCURRENCY = 32
"""Threads that answer envelopes in Socket Mode."""
SPARE_CONNECTIONS = 8
"""Database connections for the schedule, health and whatever else runs beside the threads."""

LONGEST_CALL_SECONDS = 40
"""Seconds that one call of the courier may take; well within the time for which it holds a delivery."""

_MAIL_ADDRESS = re.compile(
    r"[A-Za-z0-9_%+'-]+(\.[A-Za-z0-9_%+'-]+)*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", re.ASCII
)
_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,19}", re.ASCII)
_LONGEST_ENDING = 20
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_DURATION = re.compile(r"(\d{1,6})\s*([smhd])", re.ASCII)


class SettingsRefused(Exception):
    """The settings do not do; the message names each variable and both ways to set it.

    `problems` holds one sentence for each variable.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        lines = "\n".join(f"  - {problem}" for problem in self.problems)
        super().__init__(
            f"License Desk cannot start with these settings:\n{lines}\n"
            "Set each one in the environment (export NAME=value) or as a line NAME=value in the file .env "
            "in the folder where License Desk is started; .env.example shows them all."
        )


def parse_duration(text: object) -> timedelta:
    """Read a duration such as `30s`, `15m`, `4h` or `2d`; a timedelta passes as it is.

    Raises ValueError with the words for the person who wrote it.
    """
    if isinstance(text, timedelta):
        return text
    found = _DURATION.fullmatch(str(text).strip())
    if found is None:
        raise ValueError(
            f'"{text}" is not a duration: write a number and s, m, h or d, such as 30s, 4h or 2d'
        )
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _positive(duration: timedelta) -> timedelta:
    if duration <= timedelta(0):
        raise ValueError("must be longer than nothing, such as 30s")
    return duration


def _endings(value: str) -> str:
    found = [each.strip().lower().removeprefix(".") for each in value.split(",")]
    if not all(each.isascii() and each.isalnum() and len(each) <= _LONGEST_ENDING for each in found):
        raise ValueError("must be endings such as lic,xml, separated by commas")
    return ",".join(dict.fromkeys(found))


def _slash_at_the_end(url: str) -> str:
    if not re.match(r"https?://[^/\s]+", url):
        raise ValueError("must be an address that begins with https:// or http://")
    return url if url.endswith("/") else f"{url}/"


def _within_a_lease(duration: timedelta) -> timedelta:
    if duration > timedelta(seconds=LONGEST_CALL_SECONDS):
        raise ValueError(f"must be at most {LONGEST_CALL_SECONDS}s")
    return duration


def _mail_address_or_nothing(address: str) -> str:
    if address and not _MAIL_ADDRESS.fullmatch(address):
        raise ValueError("must be an e-mail address such as licenses@example.com, without a name")
    return address


def _channel_or_nothing(channel: str) -> str:
    if channel and not _CHANNEL.fullmatch(channel):
        raise ValueError("must be a channel's id such as C0123456789, not its name")
    return channel


def _address_or_nothing(url: str) -> str:
    return _slash_at_the_end(url) if url else url


DurationOrNone = Annotated[timedelta, BeforeValidator(parse_duration)]
"""A span of time written as a number and a unit: `30s`, `15m`, `4h`, `2d`; or `0s`."""
Duration = Annotated[DurationOrNone, AfterValidator(_positive)]
"""The same, longer than nothing."""
Port = Annotated[int, Field(ge=0, le=65535)]
Threads = Annotated[int, Field(ge=1, le=64)]


def _begins(prefix: str) -> BeforeValidator:
    def check(value: object) -> object:
        if _plain(value) and not _plain(value).startswith(prefix):
            raise ValueError(f"must begin with {prefix}")
        return value

    return BeforeValidator(check)


def _plain(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


class Settings(BaseSettings):
    """Everything that can be set, with its default. Made by `load_settings`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
    )

    database_url: SecretStr = Field(
        SecretStr("sqlite:///license-desk.db"),
        description="Where the data is: sqlite:///FILE, or postgresql+psycopg://USER:PASSWORD@HOST/NAME.",
    )
    master_keys: SecretStr = Field(
        SecretStr(""),
        description="The keys that lock license texts and private keys in the database: one or more, "
        "separated by commas, newest first. `openssl rand -base64 32 | tr +/ -_` makes one.",
    )
    master_keys_file: Path | None = Field(
        None, description="A file with those keys, one a line, newest first; instead of naming them directly."
    )
    vendor: str = Field("", description="The vendor's name; every license file carries it as its issuer.")
    operators_address: str = Field(
        "",
        description="Who helps somebody without a role: an e-mail address or a few words, shown as written.",
    )
    operators_channel: Annotated[str, AfterValidator(_channel_or_nothing)] = Field(
        "",
        description="The channel, by its id, in which operators are told of people who are refused again and again; "
        "without it each operator is told directly.",
    )

    mode: Literal["socket", "http"] = Field(
        "socket", description="How Slack reaches the bot: socket (no public address needed) or http."
    )
    slack_bot_token: Annotated[SecretStr, _begins("xoxb-")] = Field(
        SecretStr(""), description="The bot's token, xoxb-…, from the Slack app's page OAuth & Permissions."
    )
    slack_app_token: Annotated[SecretStr, _begins("xapp-")] = Field(
        SecretStr(""),
        description="The app-level token, xapp-…, with connections:write, from the page Basic Information; "
        "needed in mode socket.",
    )
    slack_signing_secret: SecretStr = Field(
        SecretStr(""), description="The signing secret from the page Basic Information; needed in mode http."
    )
    slack_api_url: Annotated[str, AfterValidator(_slash_at_the_end)] = Field(
        "https://slack.com/api/", description="The address of Slack's Web API, or of a stand-in."
    )

    http_host: str = Field("127.0.0.1", description="The address to listen on in mode http.")
    http_port: Port = Field(
        3000, description="The port to listen on in mode http; Slack posts to /slack/events there."
    )
    health_host: str = Field("127.0.0.1", description="The address that answers /live, /ready and /metrics.")
    health_port: Port = Field(
        9090, description="The port that answers /live, /ready and /metrics; 0 takes a free one."
    )

    public_url: Annotated[str, AfterValidator(_address_or_nothing)] = Field(
        "",
        description="The address at which people reach http_host and http_port in a browser, for links in e-mails "
        "and for /start; such as https://licenses.example.com.",
    )

    smtp_host: str = Field(
        "",
        description="The mail server that takes e-mails to contacts who are not in Slack; none sends none.",
    )
    smtp_port: Port = Field(587, description="Its port.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="How the connection is protected: starttls, tls from the first byte, or none."
    )
    smtp_user: str = Field("", description="The user name at the mail server, if it wants one.")
    smtp_password: SecretStr = Field(SecretStr(""), description="The password at the mail server.")
    smtp_sender: Annotated[str, AfterValidator(_mail_address_or_nothing)] = Field(
        "", description="The address that e-mails come from, such as licenses@example.com."
    )
    smtp_timeout: Annotated[Duration, AfterValidator(_within_a_lease)] = Field(
        timedelta(seconds=20), description="How long sending one e-mail may take as a whole; at most 40s."
    )

    audit_file: Path | None = Field(
        None, description="A file to which every entry of the record is appended as JSON Lines, for a SIEM."
    )
    audit_syslog: SyslogAddress = Field(
        "",
        description="A syslog server that gets every entry of the record: tcp://HOST:PORT, udp://HOST:PORT or "
        "unix:///PATH.",
    )

    log_format: Literal["auto", "json", "console"] = Field(
        "auto", description="json, console (for reading), or auto: console in a terminal, json elsewhere."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least level that is logged: debug, info, warning or error."
    )

    request_expiry: Duration = Field(
        timedelta(days=7), description="How long a request waits for an answer before it expires."
    )
    first_reminder: Duration = Field(
        timedelta(hours=4),
        description="When those who are asked are reminded of a request without an answer.",
    )
    second_reminder: Duration = Field(timedelta(days=1), description="When they are reminded once more.")
    admins_after: Duration = Field(timedelta(days=2), description="When the company admins are asked, too.")
    urgent_admins_after: Duration = Field(
        timedelta(minutes=15), description="The same for a request that says that production is down."
    )
    urgent_requests: Annotated[int, Field(ge=0, le=100)] = Field(
        2, description="How many such requests one person may make in the urgent period; 0 offers none."
    )
    urgent_period: Duration = Field(timedelta(days=7), description="The time in which those are counted.")
    requests_most: Annotated[int, Field(ge=1, le=100_000)] = Field(
        100, description="How often one person may ask for license files and changes in the period after it."
    )
    requests_period: Duration = Field(timedelta(hours=1), description="The time in which those are counted.")
    refusals_most: Annotated[int, Field(ge=1, le=100_000)] = Field(
        50,
        description="How often one person may be refused for lack of a right, or for what is not theirs, in the "
        "period after it.",
    )
    refusals_period: Duration = Field(
        timedelta(minutes=10),
        description="The time in which those are counted, and for which the person is not answered afterwards.",
    )
    undo_window: Duration = Field(
        timedelta(minutes=30), description="How long somebody may undo their own registration."
    )
    key_published_for: DurationOrNone = Field(
        timedelta(days=1),
        description="How long a signing key is published before it may sign, so that products know it by then; "
        "0s does not wait.",
    )
    revocation_list_life: Duration = Field(
        timedelta(days=30),
        description="How long after a revocation list was made products should have a newer one.",
    )
    held_file_largest: Annotated[int, Field(ge=1, le=50)] = Field(
        10, description="How large a license file that the vendor made may be, in MiB; at most 50."
    )
    held_file_endings: Annotated[str, AfterValidator(_endings)] = Field(
        ",".join(ENDINGS), description="How the names of such files may end, separated by commas."
    )
    stop_timeout: Duration = Field(
        timedelta(seconds=20), description="How long a stop waits for what is running before it gives up."
    )

    worker_threads: Threads = Field(8, description="Threads that answer requests in mode http.")
    answer_threads: Threads = Field(
        8, description="Threads for calls to Slack that a waiting person sees at once."
    )
    courier_threads: Threads = Field(8, description="Calls to Slack that the courier makes at the same time.")

    @property
    def mails(self) -> bool:
        """Whether people who are not in Slack are asked by e-mail."""
        return bool(self.smtp_host)

    @property
    def database_pool_size(self) -> int:
        """The database connections that all threads together can use at the same time."""
        listeners = SOCKET_CONCURRENCY if self.mode == "socket" else self.worker_threads
        return listeners + self.answer_threads + self.courier_threads + SPARE_CONNECTIONS

    def read_master_keys(self) -> tuple[str, ...]:
        """Give the master keys, newest first. Raises SettingsRefused when there is none or one is wrong."""
        keys, problems = self._master_keys()
        if problems:
            raise SettingsRefused(problems)
        return keys

    def require_signing(self) -> None:
        """Demand what making license files needs. Raises SettingsRefused."""
        _refuse([*self._missing("vendor"), *self._master_keys()[1]])

    def require_run(self) -> None:
        """Demand all that the running program needs. Raises SettingsRefused with everything missing."""
        way_in = "slack_app_token" if self.mode == "socket" else "slack_signing_secret"
        for_mail = ("smtp_sender", "public_url") if self.mails else ()
        missing = self._missing("vendor", "operators_address", "slack_bot_token", way_in, *for_mail)
        _refuse([*missing, *self._master_keys()[1]])

    def _missing(self, *names: str) -> list[str]:
        return [
            f"{variable(name)} is missing. {type(self).model_fields[name].description}"
            for name in names
            if not _plain(getattr(self, name)).strip()
        ]

    def _master_keys(self) -> tuple[tuple[str, ...], list[str]]:
        file = self.master_keys_file
        name = variable("master_keys" if file is None else "master_keys_file")
        text = self.master_keys.get_secret_value() if file is None else _text_of(file)
        keys = tuple(key for key in re.split(r"[,\s]+", text or "") if key)
        return keys, list(_key_problems(name, text, keys))


def load_settings(env_file: Path | None = Path(".env")) -> Settings:
    """Read the settings from the environment and, for what is not there, from `env_file`.

    Raises SettingsRefused with every wrong value and every misspelled line at once.
    """
    problems = list(_misspelled(env_file))
    try:
        settings = Settings(_env_file=env_file)
    except ValidationError as error:
        problems += [_problem(detail) for detail in error.errors(include_url=False, include_input=False)]
    if problems:
        raise SettingsRefused(problems)
    return settings


def variable(name: str) -> str:
    """Give the environment variable of a setting."""
    return f"{PREFIX}{name.upper()}"


def _refuse(problems: list[str]) -> None:
    if problems:
        raise SettingsRefused(problems)


def _text_of(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _key_problems(name: str, text: str | None, keys: tuple[str, ...]) -> Iterable[str]:
    if text is None:
        yield f"{name} names a file that cannot be read. Check its path and who may read it."
    elif not keys:
        yield f"{name} is missing. {Settings.model_fields['master_keys'].description}"
    for place, key in enumerate(keys, start=1):
        if not _is_fernet_key(key):
            yield f"{name}: key {place} is not a master key. `openssl rand -base64 32 | tr +/ -_` makes one."


def _is_fernet_key(key: str) -> bool:
    try:
        return len(base64.b64decode(key, altchars=b"-_", validate=True)) == 32
    except (binascii.Error, ValueError):
        return False


def _misspelled(env_file: Path | None) -> Iterable[str]:
    for name in dotenv_values(env_file) if env_file else ():
        if name.startswith(PREFIX) and name.removeprefix(PREFIX).lower() not in Settings.model_fields:
            yield f"{name} in {env_file} is not a setting. Check its spelling, or remove the line."


def _problem(detail: ErrorDetails) -> str:
    name = str(detail["loc"][0])
    words = detail["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return f"{variable(name)}: {words}. {Settings.model_fields[name].description}"
