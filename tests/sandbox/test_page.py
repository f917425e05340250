"""What the page is made of, without a browser: its addresses and headers, the live view, what each person sees."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from bot.sandbox import ConfigRefused, Sandbox, World
from bot.sandbox.client import SlackClient
from bot.sandbox.description import load
from bot.sandbox.errors import Refused
from tests.sandbox.apps import EchoApp, ScriptedApp
from tests.sandbox.workspace import ANA, BEN, GENERAL, OLD, OTHER, RUI, Caller, Json, modal, post, text_input

SECONDS = 5


@pytest.fixture
def live(sandbox: Sandbox) -> Iterator[ClientConnection]:
    """The live view, which nobody has told yet what they look at."""
    with connect(f"{sandbox.url.replace('http', 'ws')}/page/live") as socket:
        yield socket


def look(live: ClientConnection, user: str, place: str = GENERAL, *, inspect: bool = False) -> None:
    live.send(json.dumps({"user": user, "place": place, "inspect": inspect}))


def next_that(live: ClientConnection, wanted: Callable[[Json], object]) -> Json:
    """The first message that is wanted; each must come within some seconds."""
    while True:
        message: Json = json.loads(live.recv(timeout=SECONDS))
        if wanted(message):
            return message


def get(sandbox: Sandbox, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    reply = post(sandbox.url + path, headers=headers, method="GET")
    return reply.status, reply.headers, reply.body


@pytest.mark.parametrize("path", ["/", "/page/main.js", "/page/layout.css"])
def test_the_page_comes_with_a_policy_that_lets_nothing_in(path: str, sandbox: Sandbox) -> None:
    status, headers, body = get(sandbox, path)
    assert (status, bool(body)) == (200, True)
    policy = headers["content-security-policy"].split("; ")
    assert "default-src 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert not any("unsafe" in each or "http" in each for each in policy)
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path", ["/page/nothing.js", "/page/../routes.py", "/page/%2e%2e/routes.py", "/page/"]
)
def test_nothing_but_the_page_s_own_files_is_served(path: str, sandbox: Sandbox) -> None:
    assert get(sandbox, path)[0] == 404


def test_every_module_that_the_page_asks_for_is_there() -> None:
    folder = Path(__file__).parents[2] / "bot/sandbox/page/static"
    asked = {
        line.split('"./')[1].split('"')[0]
        for module in folder.glob("*.js")
        for line in module.read_text(encoding="utf-8").splitlines()
        if line.startswith("import ")
    }
    present = {module.name for module in folder.glob("*.js")}
    assert asked == present - {"main.js"}


def test_the_live_view_is_refused_to_pages_from_elsewhere(sandbox: Sandbox) -> None:
    url = f"{sandbox.url.replace('http', 'ws')}/page/live"
    with (
        pytest.raises(InvalidStatus),
        connect(url, additional_headers={"Origin": "https://elsewhere.example"}),
    ):
        pass


def test_the_live_view_tells_what_changed(live: ClientConnection, api: Caller) -> None:
    look(live, ANA)
    first = next_that(live, lambda message: "screen" in message)["screen"]
    assert (first["viewer"], first["place"]["messages"]) == (ANA, [])
    api("chat.postMessage", channel=GENERAL, text="News")
    second = next_that(live, lambda message: message["screen"]["place"]["messages"])
    assert [each["text"] for each in second["screen"]["place"]["messages"]] == ["News"]


def test_the_live_view_of_nobody_in_particular_is_of_the_first_person(live: ClientConnection) -> None:
    look(live, "", "app")
    assert next_that(live, bool)["screen"]["viewer"] == ANA


def test_the_live_view_says_when_there_is_nobody_of_that_name(live: ClientConnection) -> None:
    look(live, "U0NOBODY")
    assert "nobody here is called U0NOBODY" in next_that(live, bool)["refused"]


def test_traffic_is_told_only_to_who_inspects_and_each_crossing_once(
    live: ClientConnection, api: Caller
) -> None:
    api("auth.test")
    look(live, ANA)
    assert "screen" in next_that(live, bool)
    look(live, ANA, inspect=True)
    assert [each["name"] for each in next_that(live, bool)["traffic"]] == ["auth.test"]
    api("team.info")
    told = next_that(live, bool)
    assert ([each["name"] for each in told["traffic"]], told["count"]) == (["team.info"], 2)


def test_words_that_make_no_sense_end_the_live_view_alone(
    live: ClientConnection, sandbox: Sandbox, slack: SlackClient
) -> None:
    live.send("no JSON")
    slack.say(ANA, "hello", channel=GENERAL)
    assert get(sandbox, "/")[0] == 200


def test_a_person_sees_their_channels_and_what_only_they_may_see(sandbox: Sandbox, api: Caller) -> None:
    api("chat.postEphemeral", channel=GENERAL, user=RUI, text="For Rui")
    assert [each["text"] for each in see(sandbox, RUI)["place"]["messages"]] == ["For Rui"]
    assert see(sandbox, ANA)["place"]["messages"] == []
    assert {each["id"] for each in see(sandbox, ANA)["places"]} & {OTHER, OLD} == {OLD}
    assert see(sandbox, ANA, OTHER)["place"] is None
    assert see(sandbox, RUI, "app")["place"] is None


def see(sandbox: Sandbox, user: str, place: str = GENERAL) -> Json:
    return post(f"{sandbox.url}/sandbox/see", json.dumps({"user": user, "place": place}).encode()).json


def unread(sandbox: Sandbox, user: str) -> tuple[int, int]:
    place = next(each for each in see(sandbox, user)["places"] if each["id"] == GENERAL)
    return place["unread"], place["mentions"]


def test_what_others_wrote_is_unread_until_it_is_marked(sandbox: Sandbox, slack: SlackClient) -> None:
    slack.say(RUI, "hello", channel=GENERAL)
    last = slack.say(RUI, f"hello <@{ANA}>", channel=GENERAL)
    slack.say(RUI, "in a thread", last.ts, channel=GENERAL)
    assert (unread(sandbox, ANA), unread(sandbox, RUI)) == ((2, 1), (0, 0))
    mark = {"user": ANA, "channel": GENERAL, "ts": last.ts}
    post(f"{sandbox.url}/sandbox/mark", json.dumps(mark).encode())
    post(f"{sandbox.url}/sandbox/mark", json.dumps(mark | {"ts": "1.0"}).encode())
    assert unread(sandbox, ANA) == (0, 0)


def test_a_file_is_saved_as_it_is_by_those_who_see_it_alone(
    socket_app: EchoApp, sandbox: Sandbox, slack: SlackClient
) -> None:
    socket_app.bolt.client.files_upload_v2(channel=GENERAL, content="<script>", filename='a";\n.html')
    [file] = slack.wait_for(lambda: slack.files(ANA))
    status, headers, body = get(sandbox, f"/page/files/{file.id}?user={ANA}")
    assert (status, body) == (200, b"<script>")
    assert headers["content-disposition"] == "attachment; filename*=UTF-8''a%22%3B%0A.html"
    assert headers["content-type"] == "application/octet-stream"
    slack.leave(BEN, GENERAL)
    for user, name in ((BEN, file.id), ("nobody", file.id), (ANA, "F0"), ("", file.id)):
        assert get(sandbox, f"/page/files/{name}?user={user}")[0] == 404


def test_people_write_in_channels_and_an_app_that_is_there_hears_it(
    socket_app: EchoApp, slack: SlackClient
) -> None:
    slack.say(ANA, "hello", channel=GENERAL)
    slack.wait_for(lambda: "message" in socket_app.heard_types())
    event = socket_app.heard[-1]["event"]
    assert (event["channel"], event["channel_type"], event["text"]) == (GENERAL, "channel", "hello")


@pytest.mark.parametrize(("user", "channel", "why"), [(RUI, OLD, "is not in old"), (ANA, OLD, "is archived")])
def test_nobody_writes_where_they_are_not_or_where_it_is_over(
    user: str, channel: str, why: str, slack: SlackClient
) -> None:
    with pytest.raises(Refused, match=why):
        slack.say(user, "hello", channel=channel)


def test_one_kind_of_trouble_ends_and_the_others_go_on(slack: SlackClient, api: Caller) -> None:
    slack.weather(fault="ratelimited", method="auth.test")
    slack.weather(fault="server_error", method="team.info")
    slack.calm("ratelimited")
    assert api("auth.test")["ok"]
    assert api.reply("team.info").status == 503


def test_what_stands_in_other_fields_is_told_with_every_action(
    script: ScriptedApp, slack: SlackClient, sandbox: Sandbox, api: Caller, trigger: Callable[[], str]
) -> None:
    view = modal(text_input(), text_input("more") | {"dispatch_action": True})
    opened = api("views.open", trigger_id=trigger(), view=view)["view"]["id"]
    act = {"user": ANA, "view": opened, "action_id": "more_text", "value": "x", "values": {"name": "Ana"}}
    assert post(f"{sandbox.url}/sandbox/act", json.dumps(act).encode()).json["ok"]
    [told] = [each.sent for each in slack.traffic("push")]
    assert told["view"]["state"]["values"]["name"]["name_text"]["value"] == "Ana"


def test_a_person_s_title_is_in_their_profile(api: Caller, slack: SlackClient) -> None:
    slack.change_person(ANA, title="Engineer")
    assert api("users.info", user=ANA)["user"]["profile"]["title"] == "Engineer"


def described(folder: Path, text: str) -> World:
    (folder / "workspace.yml").write_text(text, encoding="utf-8")
    return World.from_config(load(folder / "workspace.yml"))


def test_a_description_names_the_manifest_beside_it(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(
        '{"features": {"slash_commands": [{"command": "/go", "usage_hint": "[far]"}],'
        ' "shortcuts": [{"name": "Go", "type": "global", "callback_id": "go"},'
        ' {"name": "Take", "type": "message", "callback_id": "take"}]}}',
        encoding="utf-8",
    )
    app = described(tmp_path, "app: {manifest: manifest.json, request_url: 'http://127.0.0.1:1/'}").app
    assert [(each.command, each.usage_hint) for each in app.commands] == [("/go", "[far]")]
    assert [(each.callback_id, each.name) for each in app.shortcuts] == [("go", "Go")]
    assert app.request_url == "http://127.0.0.1:1/"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("people: {a: b}", "people: must be a list"),
        ("people: [ana]", "people: must be a mapping"),
        ("app: [x]", "app: must be a mapping"),
        ("people: [{id: U1, name: a, tz: Mars/Base}]", "people: a has an unknown time zone Mars/Base"),
        ("- a\n- b", "workspace.yml must be a mapping"),
        ("a: [", "workspace.yml is no YAML, line 1"),
    ],
)
def test_a_description_that_cannot_be_used_is_told_apart(text: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigRefused, match=why):
        described(tmp_path, text)
