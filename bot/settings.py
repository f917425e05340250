"""Settings: read once by the command line, frozen, secrets hidden; a wrong one is refused in words.

A setting is the environment variable `LICENSE_DESK_` and its name in capitals, or such a line in `.env`.
"""

import re
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from dotenv import dotenv_values
from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.setting_secrets import secret_of, wrong_master_keys
from bot.setting_values import (
    Duration,
    DurationOrNone,
    Port,
    Threads,
    address_or_nothing,
    begins,
    channel_or_nothing,
    endings,
    mail_address_or_nothing,
    plain,
    slash_at_the_end,
    within_a_lease,
)
from bot.syslog_address import SyslogAddress
from store.rules.held_files import ENDINGS

PREFIX = "LICENSE_DESK_"
SOCKET_CONCURRENCY = 32
"""Threads that answer envelopes in Socket Mode."""
SPARE_CONNECTIONS = 8
"""Database connections for the schedule, health and whatever else runs beside the threads."""

_KEY_SECRETS = ("key_passphrase", "key_token_pin")


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
    master_keys_command: str = Field(
        "",
        description="A command that prints those keys, such as one of a secrets manager; instead. It is run once at "
        "the start, without a shell.",
    )
    key_passphrase: SecretStr = Field(
        SecretStr(""), description="The passphrase of a signing key that is kept in a file with one."
    )
    key_passphrase_file: Path | None = Field(None, description="A file with that passphrase, instead.")
    key_token_module: str = Field(
        "",
        description="The path of the PKCS #11 module (.so) of the token in which signing keys are kept, if any.",
    )
    key_token_label: str = Field("", description="The label of that token.")
    key_token_pin: SecretStr = Field(SecretStr(""), description="The user's PIN of that token.")
    key_token_pin_file: Path | None = Field(None, description="A file with that PIN, instead.")
    key_token_timeout: Annotated[Duration, AfterValidator(within_a_lease)] = Field(
        timedelta(seconds=5), description="How long that token may take to sign or to log in; at most 40s."
    )
    vendor: str = Field("", description="The vendor's name; every license file carries it as its issuer.")
    operators_address: str = Field(
        "",
        description="Who helps somebody without a role: an e-mail address or a few words, shown as written.",
    )
    operators_channel: Annotated[str, AfterValidator(channel_or_nothing)] = Field(
        "",
        description="The channel, by its id, in which operators are told of people who are refused again and again; "
        "without it each operator is told directly.",
    )

    mode: Literal["socket", "http"] = Field(
        "socket", description="How Slack reaches the bot: socket (no public address needed) or http."
    )
    slack_bot_token: Annotated[SecretStr, begins("xoxb-")] = Field(
        SecretStr(""), description="The bot's token, xoxb-…, from the Slack app's page OAuth & Permissions."
    )
    slack_app_token: Annotated[SecretStr, begins("xapp-")] = Field(
        SecretStr(""),
        description="The app-level token, xapp-…, with connections:write, from the page Basic Information; "
        "needed in mode socket.",
    )
    slack_signing_secret: SecretStr = Field(
        SecretStr(""), description="The signing secret from the page Basic Information; needed in mode http."
    )
    slack_api_url: Annotated[str, AfterValidator(slash_at_the_end)] = Field(
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

    public_url: Annotated[str, AfterValidator(address_or_nothing)] = Field(
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
    smtp_sender: Annotated[str, AfterValidator(mail_address_or_nothing)] = Field(
        "", description="The address that e-mails come from, such as licenses@example.com."
    )
    smtp_timeout: Annotated[Duration, AfterValidator(within_a_lease)] = Field(
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
    delete_files_after_days: Annotated[int, Field(ge=0, le=3650)] = Field(
        0,
        description="After how many days files in direct messages are deleted from Slack; 0 leaves them there.",
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
    held_file_endings: Annotated[str, AfterValidator(endings)] = Field(
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

    def read_key_secret(self, name: str) -> str:
        """Give `key_passphrase` or `key_token_pin`, which may be in a file. Raises SettingsRefused."""
        text, problems = self._key_secret(name)
        _refuse(problems)
        return text

    def require_signing(self) -> None:
        """Demand what making license files needs. Raises SettingsRefused."""
        _refuse([*self._missing("vendor"), *self._key_problems()])

    def require_run(self) -> None:
        """Demand all that the running program needs. Raises SettingsRefused with everything missing."""
        way_in = "slack_app_token" if self.mode == "socket" else "slack_signing_secret"
        for_mail = ("smtp_sender", "public_url") if self.mails else ()
        missing = self._missing("vendor", "operators_address", "slack_bot_token", way_in, *for_mail)
        _refuse([*missing, *self._key_problems()])

    def _missing(self, *names: str) -> list[str]:
        return [
            f"{variable(name)} is missing. {type(self).model_fields[name].description}"
            for name in names
            if not plain(getattr(self, name)).strip()
        ]

    def _key_problems(self) -> list[str]:
        secrets = (self._key_secret(name)[1] for name in _KEY_SECRETS)
        return [*self._master_keys()[1], *(problem for problems in secrets for problem in problems)]

    def _key_secret(self, name: str) -> tuple[str, list[str]]:
        found = secret_of(getattr(self, name), getattr(self, f"{name}_file"), None, variable(name))
        return found.text.strip("\r\n"), list(found.problems)

    def _master_keys(self) -> tuple[tuple[str, ...], list[str]]:
        name = variable("master_keys")
        found = secret_of(self.master_keys, self.master_keys_file, self.master_keys_command, name)
        if found.problems:
            return (), list(found.problems)
        keys = tuple(key for key in re.split(r"[,\s]+", found.text) if key)
        if not keys:
            return (), [f"{found.name} is missing. {Settings.model_fields['master_keys'].description}"]
        return keys, list(wrong_master_keys(found.name, keys))


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


def _misspelled(env_file: Path | None) -> Iterable[str]:
    for name in dotenv_values(env_file) if env_file else ():
        if name.startswith(PREFIX) and name.removeprefix(PREFIX).lower() not in Settings.model_fields:
            yield f"{name} in {env_file} is not a setting. Check its spelling, or remove the line."


def _problem(detail: ErrorDetails) -> str:
    name = str(detail["loc"][0])
    words = detail["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return f"{variable(name)}: {words}. {Settings.model_fields[name].description}"
