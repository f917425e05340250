"""Settings: read once, frozen, hidden, refused in words."""

import base64
import re
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.setting_values import parse_duration
from bot.settings import Settings, SettingsRefused, load_settings, variable

KEY = base64.urlsafe_b64encode(bytes(range(32))).decode()
OLDER_KEY = base64.urlsafe_b64encode(bytes(range(1, 33))).decode()
EXAMPLE = Path(__file__).parents[2] / ".env.example"
COMPLETE = {
    "LICENSE_DESK_MASTER_KEYS": KEY,
    "LICENSE_DESK_VENDOR": "Example Software",
    "LICENSE_DESK_OPERATORS_ADDRESS": "desk@example.com",
    "LICENSE_DESK_SLACK_BOT_TOKEN": "xoxb-1-canary",
    "LICENSE_DESK_SLACK_APP_TOKEN": "xapp-1-canary",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30s", timedelta(seconds=30)),
        ("15m", timedelta(minutes=15)),
        ("4h", timedelta(hours=4)),
        ("2d", timedelta(days=2)),
        (" 7 d ", timedelta(days=7)),
    ],
)
def test_a_duration_is_a_number_and_a_unit(text: str, expected: timedelta) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize("text", ["", "7", "d", "7x", "-1d", "1d12h", "1.5h", "٣d", "9999999d"])
def test_what_is_no_duration_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match="write a number and s, m, h or d, such as 30s, 4h or 2d"):
        parse_duration(text)


def test_a_key_may_sign_as_soon_as_it_is_published(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LICENSE_DESK_KEY_PUBLISHED_FOR", "0s")
    assert load_settings(None).key_published_for == timedelta(0)


def test_a_duration_of_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LICENSE_DESK_REQUEST_EXPIRY", "0d")
    with pytest.raises(SettingsRefused, match="LICENSE_DESK_REQUEST_EXPIRY: must be longer than nothing"):
        load_settings(None)


def test_without_any_setting_there_are_defaults() -> None:
    settings = load_settings(None)
    assert settings.database_url.get_secret_value() == "sqlite:///license-desk.db"
    assert (settings.mode, settings.health_host, settings.health_port) == ("socket", "127.0.0.1", 9090)
    assert (settings.request_expiry, settings.undo_window) == (timedelta(days=7), timedelta(minutes=30))


def test_the_environment_counts_more_than_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "some.env"
    file.write_text("LICENSE_DESK_VENDOR=From the file\nLICENSE_DESK_HTTP_PORT=4000\nOTHER=ignored\n")
    monkeypatch.setenv("LICENSE_DESK_VENDOR", "From the environment")
    settings = load_settings(file)
    assert (settings.vendor, settings.http_port) == ("From the environment", 4000)


def test_the_file_in_the_present_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LICENSE_DESK_VENDOR=Example\n")
    assert load_settings().vendor == "Example"


def test_an_empty_value_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LICENSE_DESK_MASTER_KEYS_FILE", "")
    monkeypatch.setenv("LICENSE_DESK_HTTP_PORT", "")
    settings = load_settings(None)
    assert (settings.master_keys_file, settings.http_port) == (None, 3000)


def test_a_misspelled_line_of_the_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("LICENSE_DESK_SLACK_BOT_TOKN=xoxb-1\n")
    with pytest.raises(SettingsRefused, match=r"LICENSE_DESK_SLACK_BOT_TOKN in .* is not a setting"):
        load_settings(file)


def test_several_wrong_values_are_listed_at_once_with_both_ways_to_fix_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {"MODE": "pigeon", "HTTP_PORT": "99999", "SLACK_API_URL": "slack.com"}.items():
        monkeypatch.setenv(f"LICENSE_DESK_{name}", value)
    with pytest.raises(SettingsRefused) as refused:
        load_settings(None)
    assert [problem.split(":")[0] for problem in refused.value.problems] == [
        "LICENSE_DESK_MODE",
        "LICENSE_DESK_SLACK_API_URL",
        "LICENSE_DESK_HTTP_PORT",
    ]
    assert "environment (export NAME=value)" in str(refused.value)
    assert "the file .env" in str(refused.value)


def test_a_token_of_the_wrong_kind_is_refused_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LICENSE_DESK_SLACK_BOT_TOKEN", "xapp-canary")
    with pytest.raises(
        SettingsRefused, match="LICENSE_DESK_SLACK_BOT_TOKEN: must begin with xoxb-"
    ) as refused:
        load_settings(None)
    assert "canary" not in str(refused.value)


def test_no_secret_shows_in_the_representation(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in COMPLETE.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LICENSE_DESK_DATABASE_URL", "postgresql+psycopg://desk:canary@db/desk")
    monkeypatch.setenv("LICENSE_DESK_SLACK_SIGNING_SECRET", "canary")
    shown = f"{load_settings(None)!r} {load_settings(None)}"
    assert "canary" not in shown
    assert KEY not in shown


def test_settings_cannot_be_changed() -> None:
    settings = load_settings(None)
    with pytest.raises(ValidationError):
        settings.vendor = "Other"  # type: ignore[misc] # That is what must fail.


def test_running_needs_more_than_importing(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings(None)
    with pytest.raises(SettingsRefused) as refused:
        settings.require_run()
    assert sorted(problem.split()[0] for problem in refused.value.problems) == sorted(COMPLETE)
    for name, value in COMPLETE.items():
        monkeypatch.setenv(name, value)
    load_settings(None).require_run()


def test_http_needs_the_signing_secret_instead_of_the_app_token(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in COMPLETE.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("LICENSE_DESK_SLACK_APP_TOKEN")
    monkeypatch.setenv("LICENSE_DESK_MODE", "http")
    with pytest.raises(SettingsRefused, match="LICENSE_DESK_SLACK_SIGNING_SECRET is missing"):
        load_settings(None).require_run()


def test_signing_needs_vendor_and_keys_but_no_slack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LICENSE_DESK_VENDOR", "Example")
    monkeypatch.setenv("LICENSE_DESK_MASTER_KEYS", KEY)
    load_settings(None).require_signing()
    monkeypatch.delenv("LICENSE_DESK_VENDOR")
    with pytest.raises(SettingsRefused, match="LICENSE_DESK_VENDOR is missing"):
        load_settings(None).require_signing()


def test_master_keys_come_newest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LICENSE_DESK_MASTER_KEYS", f"{KEY}, {OLDER_KEY}")
    assert load_settings(None).read_master_keys() == (KEY, OLDER_KEY)


def test_master_keys_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(f"{KEY}\n{OLDER_KEY}\n")
    monkeypatch.setenv("LICENSE_DESK_MASTER_KEYS_FILE", str(tmp_path / "keys"))
    assert load_settings(None).read_master_keys() == (KEY, OLDER_KEY)


def test_a_master_key_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LICENSE_DESK_MASTER_KEYS_FILE", "nowhere")
    with pytest.raises(
        SettingsRefused, match="LICENSE_DESK_MASTER_KEYS_FILE names a file that cannot be read"
    ):
        load_settings(None).read_master_keys()


@pytest.mark.parametrize("wrong", ["canary", KEY[:-2], f"{KEY}{KEY}", "Kä" * 22])
def test_a_malformed_master_key_is_counted_and_not_shown(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LICENSE_DESK_MASTER_KEYS", f"{KEY},{wrong}")
    with pytest.raises(SettingsRefused, match="key 2 is not a master key") as refused:
        load_settings(None).read_master_keys()
    assert wrong not in str(refused.value)


def test_the_api_address_ends_in_a_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LICENSE_DESK_SLACK_API_URL", "http://127.0.0.1:1234/api")
    assert load_settings(None).slack_api_url == "http://127.0.0.1:1234/api/"


def test_the_pool_has_a_connection_for_each_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings(None).database_pool_size == 32 + 8 + 8 + 8
    monkeypatch.setenv("LICENSE_DESK_MODE", "http")
    assert load_settings(None).database_pool_size == 8 + 8 + 8 + 8


def test_the_example_file_shows_every_setting_and_nothing_else() -> None:
    shown = re.findall(r"^#?(LICENSE_DESK_[A-Z_]+)=", EXAMPLE.read_text(), re.MULTILINE)
    assert shown == [variable(name) for name in Settings.model_fields]


def test_the_example_file_shows_the_defaults(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(re.sub(r"^#(LICENSE_DESK_)", r"\1", EXAMPLE.read_text(), flags=re.MULTILINE))
    assert load_settings(file) == load_settings(None)


@pytest.mark.parametrize("wrong", ["licenses", "#licenses", "U0OLGA", "C0 1"])
def test_the_operators_channel_is_named_by_its_id(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LICENSE_DESK_OPERATORS_CHANNEL", "C0123456789")
    assert load_settings(None).operators_channel == "C0123456789"
    monkeypatch.setenv("LICENSE_DESK_OPERATORS_CHANNEL", wrong)
    with pytest.raises(SettingsRefused, match="must be a channel's id"):
        load_settings(None)


@pytest.mark.parametrize(
    "address", ["tcp://siem.example:601", "udp://[2001:db8::1]:514", "udp://10.0.0.1:514", "unix:///dev/log"]
)
def test_the_address_of_a_syslog_server_is_taken(address: str) -> None:
    assert Settings(_env_file=None, audit_syslog=address).audit_syslog == address


@pytest.mark.parametrize(
    "address",
    [
        "siem.example:601",
        "tcp://siem.example",
        "tcp://:601",
        "tcp://siem.example:601/x",
        "tcp://siem.example:x",
        "unix://dev/log",
        "unix:///",
        "http://siem.example:601",
        "tcp://[::1:601",
    ],
)
def test_what_is_no_address_of_a_syslog_server_is_refused_in_words(address: str) -> None:
    with pytest.raises(ValidationError, match=r"must be tcp://HOST:PORT, udp://HOST:PORT or unix:///PATH"):
        Settings(_env_file=None, audit_syslog=address)
