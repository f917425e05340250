"""`python -m tests.bench.servers.echo`: a bare Bolt echo on the desk's own server; prints its port.

Bolt's own verification is off as it is in the desk, since the server's guard has verified already: the echo is
as fast as Bolt can be.
"""

from pathlib import Path

from slack_bolt import Ack, App
from slack_bolt.authorization import AuthorizeResult

from bot import logs
from bot.metrics import Metrics
from bot.server import Beside, end_process, serve
from tests.bench.data import BOT_USER, WORKSPACE
from tests.bench.servers.desk import say_port, settings_for

_IDENTITY = AuthorizeResult(
    enterprise_id=None, team_id=WORKSPACE, bot_token="xoxb-bench", bot_user_id=BOT_USER
)


def echo_app() -> App:
    """The least that a Bolt app can be."""
    app = App(
        authorize=lambda: _IDENTITY,
        logger=logs.slack_logger(),
        process_before_response=True,
        request_verification_enabled=False,
        ssl_check_enabled=False,
    )

    @app.command("/license")
    def echo(ack: Ack, body: dict[str, str]) -> None:
        ack(f"You said {body['text']}.")

    return app


def main() -> int:
    """Serve until a signal, and give the exit status."""
    settings = settings_for(Path("unused"), "http://127.0.0.1:9/api/")
    logs.configure(settings)
    return serve(echo_app(), settings, Metrics(), Beside(), ready=say_port)


if __name__ == "__main__":
    end_process(main())
