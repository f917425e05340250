"""The composition root: settings become an engine, a desk, a Bolt app and what runs beside it."""

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from sqlalchemy import select
from starlette.routing import BaseRoute

import handlers
from bot.courier import Courier
from bot.desk import check_signing, desk_of, now
from bot.duties import Duty
from bot.executor import AnswerExecutor
from bot.forwarding import forwarding_jobs
from bot.health import Check, courier_check, database_check, keys_check, queue_check, signing_check
from bot.introduction import Introduction
from bot.logs import slack_logger
from bot.mailing import Mailer
from bot.metrics import Metrics
from bot.pages import pages
from bot.roll_call import RollCall
from bot.schedule import JOBS, Schedule
from bot.server import Beside, serve
from bot.services import Service
from bot.settings import Settings
from bot.single import only_one
from bot.slack_calls import SlackCalls
from bot.web import web_client
from bot.well_known import well_known
from handlers import commands
from handlers.context import Context
from handlers.drawings import Drawings
from handlers.slack import WebCalls
from store import deliveries, delivery_claims, migrating, pauses
from store.desk import Desk
from store.vault_check import check_vault


def bolt_app(context: Context, client: WebClient) -> App:
    """Make the Bolt app with every listener.

    Requests were verified before they reach it, and listeners answer in the ack. `authorize` gives the stored
    identity, so that starting and answering need no call to Slack.
    """

    def authorize() -> AuthorizeResult:
        known = context.identity()
        return AuthorizeResult(
            enterprise_id=None,
            team_id=known.workspace_id,
            bot_user_id=known.bot_user_id,
            bot_token=client.token,
        )

    app = App(
        # Without a name, Bolt walks the whole stack of callers to find one.
        name="license-desk",
        # Bolt warns of a client with a token beside `authorize`; nothing of ours calls Slack through Bolt.
        client=WebClient(base_url=client.base_url),
        authorize=authorize,
        logger=slack_logger(),
        process_before_response=True,
        raise_error_for_unhandled_request=True,
        request_verification_enabled=False,
        ssl_check_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
        ignoring_self_assistant_message_events_enabled=False,
    )
    handlers.listeners(app, context)
    return app


class NeedsPostgres(Exception):
    """A part of the work alone was asked for on SQLite, where nobody else could do the rest."""

    def __init__(self) -> None:
        super().__init__(
            "One SQLite file serves one running program, which does everything. Run it without --role, "
            "or use PostgreSQL for several."
        )


class Bot:
    """One running program, put together and not yet started; `duty` is the part of the work that it does."""

    def __init__(self, settings: Settings, desk: Desk, duty: Duty = Duty.ALL) -> None:
        self.settings, self.desk, self.metrics, self._duty = settings, desk, Metrics(), duty
        client = web_client(settings, self.metrics)
        self._introduction = Introduction(desk, client)
        self._later = AnswerExecutor(threads=settings.answer_threads)
        calls = self._calls()
        self._courier = self._made_courier(calls)
        self._schedule = Schedule(desk, [*JOBS, *forwarding_jobs(settings)])
        self._roll_call = RollCall(desk, calls, lambda: self._introduction.identity().workspace_id)
        context = Context(desk, WebCalls(client), self._later, self.metrics, self._introduction.identity)
        self.app = bolt_app(context, client)

    def run(self, **given: object) -> int:
        """Serve until a signal; give the exit status. `given` passes on to `serve`."""
        return serve(self.app, self.settings, self.metrics, self.beside(), **given)  # type: ignore[arg-type] # serve's own

    def beside(self) -> Beside:
        """What runs beside the way in, in the order in which it starts."""
        services: tuple[Service, ...] = (
            self._later,
            self._introduction,
            *self._announcing(),
            *self._of_duty(),
        )
        # Only a database in this process answers so fast that nobody else has to wait for it.
        quick = commands.is_quick if self.desk.database.is_sqlite else _never
        return Beside(
            services,
            self._checks(),
            frozenset(handlers.names()),
            quick,
            answers=self._duty.answers,
            routes=tuple(self._routes()),
        )

    def _routes(self) -> Iterator[BaseRoute]:
        """The desk's own pages and documents, where there is a port for them."""
        if self.settings.mode == "http" or self.settings.public_url:
            yield from well_known(self.desk)
        if self.settings.public_url:
            yield from pages(self.desk, self._introduction.identity)

    def _of_duty(self) -> Iterator[Service]:
        if self._duty.delivers:
            yield self._courier
        if self._duty.schedules:
            yield from (self._schedule, self._roll_call)

    def _announcing(self) -> Iterator[Service]:
        if not self.desk.database.is_sqlite:
            # Imported here, since it needs the driver of PostgreSQL, which may not be installed.
            from store.announcing import Announcing

            yield Announcing(self.desk.database, self._courier.wake if self._duty.delivers else None)

    def _calls(self) -> SlackCalls:
        return SlackCalls(
            self.settings.slack_bot_token.get_secret_value(),
            self.settings.slack_api_url,
            on_call=self.metrics.called,
        )

    def _made_courier(self, calls: SlackCalls) -> Courier:
        return Courier(
            self.desk,
            calls,
            Drawings(),
            threads=self.settings.courier_threads,
            on_delivery=self.metrics.delivered,
            mailer=Mailer(self.settings) if self.settings.mails else None,
        )

    def _checks(self) -> Mapping[str, Check]:
        checks = {
            "database": database_check(self._ping),
            "queue": queue_check(self._due_age),
            "master_keys": keys_check(self.desk.vault.fingerprints),
            "signing": signing_check(partial(check_signing, self.desk)),
        }
        return checks | ({"courier": courier_check(self._turn_age)} if self._duty.delivers else {})

    def _ping(self) -> None:
        with self.desk.database.read() as connection:
            connection.execute(select(1))

    def _turn_age(self) -> float | None:
        turn = self._courier.last_turn
        return None if turn is None else time.monotonic() - turn

    def _due_age(self) -> float | None:
        moment = self.desk.clock()
        with self.desk.database.read() as connection:
            oldest = deliveries.oldest_due(connection, moment)
            self.metrics.paused(pauses.since(connection, moment))
        age = None if oldest is None else (moment - oldest).total_seconds()
        self.metrics.queue_age(age or 0.0)
        return age


def _never(_body: Mapping[str, Any]) -> bool:
    return False


def run(settings: Settings, duty: Duty = Duty.ALL, clock: Callable[[], datetime] = now) -> int:
    """Run the program, which goes by `clock`, until a signal and give its exit status.

    Raises `NeedsPostgres`, `SettingsRefused`, `AlreadyRunning`, `DatabaseOlder`, `DatabaseNewer`, `PortTaken`, and
    what `check_vault` and `check_signing` raise, each with a sentence that names the fix.
    """
    settings.require_run()
    with only_one(settings.database_url.get_secret_value()):
        desk = desk_of(settings, clock)
        try:
            if duty is not Duty.ALL and desk.database.is_sqlite:
                raise NeedsPostgres
            migrating.check(desk.database)
            check_vault(desk.database, desk.vault)
            check_signing(desk)
            if desk.database.is_sqlite:
                # A killed run left its leases behind; the lock on the file says that nobody works under them.
                delivery_claims.release_all(desk)
            return Bot(settings, desk, duty).run()
        finally:
            desk.database.close()
