from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.blocks.state import BadPayload, pick, text, texts, values

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def view(**blocks: Any) -> dict[str, Any]:
    return {"state": {"values": {block_id: {"action": element} for block_id, element in blocks.items()}}}


def chosen(value: str) -> dict[str, Any]:
    return {"text": {"type": "plain_text", "text": "x"}, "value": value}


@pytest.mark.parametrize(
    ("element", "value"),
    [
        ({"type": "plain_text_input", "value": "abc"}, "abc"),
        ({"type": "plain_text_input", "value": None}, None),
        ({"type": "plain_text_input"}, None),
        ({"type": "plain_text_input", "value": ""}, None),
        ({"type": "email_text_input", "value": "a@b.example"}, "a@b.example"),
        ({"type": "url_text_input", "value": "https://b.example"}, "https://b.example"),
        ({"type": "number_input", "value": "7"}, "7"),
        ({"type": "static_select", "selected_option": chosen("7")}, "7"),
        ({"type": "static_select", "selected_option": None}, None),
        ({"type": "external_select", "selected_option": chosen("7")}, "7"),
        ({"type": "radio_buttons", "selected_option": chosen("7")}, "7"),
        ({"type": "multi_static_select", "selected_options": [chosen("7"), chosen("8")]}, ["7", "8"]),
        ({"type": "checkboxes", "selected_options": []}, []),
        ({"type": "users_select", "selected_user": "U1"}, "U1"),
        ({"type": "multi_users_select", "selected_users": ["U1", "U2"]}, ["U1", "U2"]),
        ({"type": "conversations_select", "selected_conversation": "C1"}, "C1"),
        ({"type": "channels_select", "selected_channel": "C1"}, "C1"),
        ({"type": "datepicker", "selected_date": "2026-12-02"}, "2026-12-02"),
        ({"type": "timepicker", "selected_time": "10:15"}, "10:15"),
        ({"type": "datetimepicker", "selected_date_time": 1764670500}, "1764670500"),
        ({"type": "file_input", "files": [{"id": "F1"}]}, ["F1"]),
    ],
)
def test_a_field_is_read_whatever_its_kind(element: dict[str, Any], value: object) -> None:
    assert values(view(field=element)) == {"field": value}


@pytest.mark.parametrize(
    "broken",
    [
        None,
        [],
        {},
        {"state": None},
        {"state": {"values": []}},
        {"state": {"values": {"b": None}}},
        {"state": {"values": {"b": {}}}},
        {"state": {"values": {"b": {"a": "text"}}}},
        {"state": {"values": {"b": {"a": {"type": "plain_text_input"}, "c": {"type": "plain_text_input"}}}}},
        view(b={"type": "plain_text_input", "value": 7}),
        view(b={"type": "no_such_kind", "value": "x"}),
        view(b={"value": "x"}),
        view(b={"type": ["plain_text_input"], "value": "x"}),
        view(b={"type": "static_select", "selected_option": "7"}),
        view(b={"type": "static_select", "selected_option": {"value": None}}),
        view(b={"type": "checkboxes", "selected_options": {"value": "7"}}),
        view(b={"type": "checkboxes", "selected_options": [None]}),
        view(b={"type": "multi_users_select", "selected_users": [7]}),
        view(b={"type": "datetimepicker", "selected_date_time": True}),
        view(b={"type": "file_input", "files": ["F1"]}),
    ],
)
def test_a_payload_of_another_shape_is_a_bad_payload(broken: object) -> None:
    with pytest.raises(BadPayload):
        values(broken)


@given(JSON)
def test_no_payload_raises_anything_else(payload: object) -> None:
    for attempt in (payload, {"state": payload}, {"state": {"values": payload}}, view(b=payload)):
        try:
            values(attempt)
        except BadPayload as problem:
            assert isinstance(problem, ValueError)  # noqa: PT017 - what matters is that nothing else is raised.


def test_a_field_is_found_by_its_id_or_by_the_base_of_it() -> None:
    entered = values(
        view(
            **{
                "slot:17": {"type": "static_select", "selected_option": chosen("3")},
                "serial": {"type": "plain_text_input", "value": "abc"},
            }
        )
    )
    assert pick(entered, "slot") == pick(entered, "slot:17") == "3"
    assert pick(entered, "serial") == "abc"
    assert pick(entered, "version") is None


def test_one_and_several_values_are_told_apart() -> None:
    entered = values(
        view(
            one={"type": "plain_text_input", "value": "abc"},
            several={"type": "checkboxes", "selected_options": [chosen("1")]},
        )
    )
    assert text(entered, "one") == "abc"
    assert texts(entered, "several") == ["1"]
    assert text(entered, "absent") is None
    assert texts(entered, "absent") == []
    with pytest.raises(BadPayload):
        text(entered, "several")
    with pytest.raises(BadPayload):
        texts(entered, "one")
