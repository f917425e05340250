"""`python -m tests.bench.servers.desk DATABASE SLACK_API_URL`: the whole bot in mode http; prints its port."""

import sys
from pathlib import Path

from bot import logs
from bot.app import Bot
from bot.desk import desk_of
from bot.server import Running, end_process
from bot.settings import Settings
from store.vault import generate_key
from tests.bench.load import SECRET


def settings_for(database: Path, slack_api_url: str) -> Settings:
    """Everything as it is by default, with free ports."""
    return Settings(
        _env_file=None,
        database_url=f"sqlite:///{database}",
        master_keys=generate_key(),
        vendor="Vendor",
        operators_address="operators@vendor.example",
        mode="http",
        slack_bot_token="xoxb-bench",
        slack_signing_secret=SECRET,
        slack_api_url=slack_api_url,
        http_port=0,
        health_port=0,
        log_level="warning",
    )


def say_port(running: Running) -> None:
    """Tell whoever started this process where it answers."""
    sys.stdout.write(f"{running.http_port}\n")
    sys.stdout.flush()


def main(database: str, slack_api_url: str) -> int:
    """Serve until a signal, and give the exit status."""
    settings = settings_for(Path(database), slack_api_url)
    logs.configure(settings)
    return Bot(settings, desk_of(settings)).run(ready=say_port)


if __name__ == "__main__":
    end_process(main(*sys.argv[1:]))
