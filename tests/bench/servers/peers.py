"""A Bolt echo with default settings as a WSGI application, as peers run it under gunicorn.

Where Slack is, and the token and secret, come from the environment, since gunicorn imports this module.
"""

import os

from slack_bolt import Ack, App
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk import WebClient

from tests.bench.load import SECRET

_TOKEN = os.environ["BENCH_BOT_TOKEN"]

app = App(
    signing_secret=SECRET,
    client=WebClient(token=_TOKEN, base_url=os.environ["BENCH_SLACK_API_URL"]),
)
application = SlackRequestHandler(app)


@app.command("/license")
def echo(ack: Ack, command: dict[str, str]) -> None:
    """Answer at once."""
    ack(f"You said {command['text']}.")
