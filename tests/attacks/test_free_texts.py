"""Hostile words in every text that people, imports and Slack may give: they are shown as they are, and do nothing."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from sqlalchemy import update

from bot.courier import Courier
from bot.sandbox import Sandbox
from bot.slack_calls import SlackCalls
from handlers.blocks.ids import Action, Callback
from handlers.commands import SUBCOMMANDS
from handlers.drawings import Drawings
from store import tables
from tests.attacks.aims import ADMIN, AIMS, ASKER, FORMS, OPERATOR, TECHNICAL
from tests.attacks.conftest import Attack, Said, Stage
from tests.attacks.payloads import Json, by, command, text
from tests.store.requesting import change

HOSTILE = "<!channel> <@U0EVA> <https://evil.example|ok> *b* `c`'); DROP TABLE persons; --"
RAW = ("<!channel>", "<@U0EVA> <", "<https://evil.example", "*b*", "`c`")
FIELDS = {
    "reason": {Callback.REQUEST, Callback.RELEASE, Callback.REPLACE, Callback.DECLINE, Callback.SUSPEND},
    "name": {Callback.RENAME},
    "access": {Callback.ASK_ACCESS},
    "search": {Callback.HOME_SEARCH},
    "text": {Callback.CHECK},
    "serial": {Callback.REGISTER, Callback.CHANGE_SERIAL, Callback.REPLACE},
    "version": {Callback.REGISTER, Callback.REPLACE},
    "highest_version": {Callback.RENEW},
}
TYPED = [(callback, field) for field, callbacks in FIELDS.items() for callback in sorted(callbacks)]
"""Each text field of each form."""


@pytest.fixture
def courier(staged: Stage, shared_sandbox: Sandbox) -> Courier:
    shared_sandbox.world.weather.sharing = 0.0
    calls = SlackCalls(
        "xoxb-sandbox-bot-token", shared_sandbox.api_url, monotonic=lambda: staged.desk.clock().timestamp()
    )
    return Courier(staged.desk, calls, Drawings())


@pytest.fixture
def everything_said(staged: Stage, attack: Attack, courier: Courier, shared_sandbox: Sandbox) -> Attack:
    """Send a payload, deliver what follows from it, and see all of both."""

    def send(payload: Json) -> Said:
        said, before = attack(payload), shared_sandbox.world.traffic.count
        courier.send_due()
        after = shared_sandbox.world.traffic.since(before, 1_000)
        return Said(said.answer, [*said.calls, *(each for each in after if each["kind"] == "call")])

    return send


def has_power(said: Said) -> list[str]:
    """Each text in which hostile words could do something."""
    return [
        each
        for each in _marked([said.answer, [call["sent"] for call in said.calls]])
        if any(raw in each for raw in RAW)
    ]


def _marked(part: Any) -> Iterator[str]:
    """Every text that Slack reads marks in."""
    if isinstance(part, str) and part[:1] in "[{":
        part = _read(part)
    if isinstance(part, list):
        for each in part:
            yield from _marked(each)
    elif isinstance(part, Mapping) and part.get("type") != "plain_text":
        for name, each in part.items():
            if isinstance(each, str) and name in ("text", "initial_comment"):
                yield each
            yield from _marked(each)


def _read(text_: str) -> Any:
    try:
        return json.loads(text_)
    except ValueError:
        return None


def _filled(payload: Json, field: str, typed: str) -> Json:
    """The form with something typed into one field, which is added where it was not."""
    filled: Json = json.loads(json.dumps(payload))
    filled["view"]["state"]["values"].update(text(field, typed))
    return filled


def _sender(name: str) -> str:
    may = AIMS[name].may
    return next(each for each in (ADMIN, OPERATOR, TECHNICAL, ASKER) if each in may)


@pytest.mark.parametrize(("callback", "field"), TYPED)
def test_hostile_words_in_a_form_have_no_power(
    staged: Stage, everything_said: Attack, callback: str, field: str
) -> None:
    payload = _filled(FORMS[callback].payload(staged.acme), field, HOSTILE[: 80 if field == "name" else None])
    before = len(staged.state()["persons"])

    said = everything_said(by(payload, _sender(f"form {callback}")))

    assert has_power(said) == []
    assert len(staged.state()["persons"]) == before


@pytest.mark.parametrize("word", [each.name for each in SUBCOMMANDS] + [HOSTILE.split()[0], "ünknown"])
def test_hostile_words_behind_a_command_have_no_power(
    staged: Stage, everything_said: Attack, word: str
) -> None:
    assert has_power(everything_said(command(ADMIN, f"{word} {HOSTILE}"))) == []


@pytest.mark.parametrize("name", AIMS)
def test_hostile_names_have_no_power_in_what_a_button_or_form_shows(
    staged: Stage, everything_said: Attack, name: str
) -> None:
    _names_are_hostile(staged)
    said = everything_said(by(AIMS[name].payload(staged.acme), _sender(name)))
    assert has_power(said) == []


@pytest.mark.parametrize("word", [each.name for each in SUBCOMMANDS])
def test_hostile_names_have_no_power_in_what_a_command_shows(
    staged: Stage, everything_said: Attack, word: str
) -> None:
    _names_are_hostile(staged)
    assert has_power(everything_said(command(OPERATOR, word))) == []


def _names_are_hostile(staged: Stage) -> None:
    """As if the import and Slack gave such names to all that has one."""
    start, short = HOSTILE[:60], HOSTILE[:76]
    change(
        staged.desk,
        update(tables.persons).values(name=HOSTILE[:110]),
        update(tables.companies).values(
            name=HOSTILE[:100] + tables.companies.c.name.concat(""), account_manager_name=HOSTILE[:110]
        ),
        update(tables.infrastructures).values(name=start + tables.infrastructures.c.name),
        update(tables.products).values(console_name=short, menu_path=HOSTILE, upload_path=HOSTILE),
        update(tables.subscriptions).values(edition=short),
        update(tables.requests).values(reason=HOSTILE),
        update(tables.request_items).values(decline_reason=HOSTILE),
        update(tables.access_requests).values(typed=HOSTILE),
        *(
            update(tables.slots).where(tables.slots.c.id == each).values(name=f"{start} {each}")
            for each in range(1, 20)
        ),
    )


@pytest.mark.parametrize("typed", ["%", "_", "Acme%", "%' OR '1'='1"])
@pytest.mark.parametrize("word", ["environments", "people", "history"])
def test_signs_of_the_query_language_find_nothing(attack: Attack, word: str, typed: str) -> None:
    said = str(attack(command(OPERATOR, f"{word} {typed}")))
    assert "called" in said
    assert "Acme Nucleus" not in said
    assert "Globex Core" not in said


@pytest.mark.parametrize("typed", ["%", "_", "%' OR '1'='1", "\\"])
@pytest.mark.parametrize(
    "action", [Action.REGISTER_INFRASTRUCTURE, Action.PEOPLE_INFRASTRUCTURE, Action.RELEASE_OF]
)
def test_signs_of_the_query_language_typed_into_a_menu_find_nothing(
    attack: Attack, action: str, typed: str
) -> None:
    payload = {"type": "block_suggestion", "action_id": action, "value": typed, "view": {"id": "V1"}}
    assert attack(by(payload, OPERATOR)).answer == {"options": []}
