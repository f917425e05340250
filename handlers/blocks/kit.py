"""The few blocks and elements that all our messages and views are made of, as the plain dicts Slack takes.

Texts are clipped below Slack's limits. Ids and values carry meaning, so one that is too long raises
ValueError instead; so do texts, lists and menus that are empty, which Slack refuses or, for menus, never
finishes loading. Arguments called `mrkdwn` are Slack's mrkdwn, in which what people typed has gone through
`text.quote`; all others are shown as they are, and what people typed in them has gone through `text.plain`.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, Literal

from handlers.blocks import limits
from handlers.blocks.text import clip, units

Block = dict[str, Any]
Element = dict[str, Any]
Option = dict[str, Any]
View = dict[str, Any]
Style = Literal["primary", "danger"]

ROOM_IN_A_MESSAGE: Final = limits.room(limits.MESSAGE_IN_ALL)
"""What `length_of` may give for the blocks of one message."""


def section(mrkdwn: str, accessory: Element | None = None, block_id: str | None = None) -> Block:
    """A paragraph, with at most one element beside it."""
    return _block("section", block_id, text=_mrkdwn(mrkdwn, limits.SECTION), accessory=accessory)


def fields_lines(
    lines: Sequence[tuple[str, str]], accessory: Element | None = None, block_id: str | None = None
) -> Block:
    """One section with a line "Label: value" for each pair; the values are mrkdwn."""
    return section("\n".join(f"{label}: {value}" for label, value in lines), accessory, block_id)


def header(text: str, block_id: str | None = None) -> Block:
    """A heading."""
    return _block("header", block_id, text=_plain(text, limits.HEADER))


def context(*mrkdwn: str, block_id: str | None = None) -> Block:
    """Small print: one to ten texts."""
    _counted(mrkdwn, limits.CONTEXT_ELEMENTS, "texts of a context")
    return _block("context", block_id, elements=[_mrkdwn(each, limits.CONTEXT) for each in mrkdwn])


def divider() -> Block:
    """A line across."""
    return {"type": "divider"}


def actions(elements: Sequence[Element], block_id: str | None = None) -> Block:
    """A row of one to 25 buttons or menus."""
    _counted(elements, limits.ACTION_ELEMENTS, "elements of a row of actions")
    return _block("actions", block_id, elements=list(elements))


def button(
    text: str,
    action_id: str,
    value: str | None = None,
    style: Style | None = None,
    confirm: Element | None = None,
    accessibility_label: str | None = None,
    url: str | None = None,
) -> Element:
    """A button; `accessibility_label` is what a screen reader says instead of `text`."""
    return _element(
        "button",
        action_id,
        text=_plain(text, limits.BUTTON),
        value=_optional_exact(value, limits.BUTTON_VALUE, "value of a button"),
        style=style,
        confirm=confirm,
        accessibility_label=_label(accessibility_label),
        url=_optional_exact(url, limits.URL, "address of a button"),
    )


def confirm(title: str, text: str, yes: str, no: str, style: Style | None = None) -> Element:
    """The question asked before a click counts. Slack documents its text as plain_text only."""
    return _present(
        title=_plain(title, limits.CONFIRM_TITLE),
        text=_plain(text, limits.CONFIRM_TEXT),
        confirm=_plain(yes, limits.CONFIRM_BUTTON),
        deny=_plain(no, limits.CONFIRM_BUTTON),
        style=style,
    )


def option(text: str, value: str, description: str | None = None) -> Option:
    """One choice; `value` comes back when it is chosen."""
    return _present(
        text=_plain(text, limits.OPTION),
        value=_exact(value, limits.OPTION_VALUE, "value of an option"),
        description=_optional_plain(description, limits.OPTION_DESCRIPTION),
    )


def select(
    action_id: str,
    options: Sequence[Option],
    placeholder: str | None = None,
    initial: str | None = None,
    focus: bool = False,
) -> Element:
    """A menu with one choice; `initial` is the value of the option chosen at first."""
    return _menu(
        "static_select",
        action_id,
        options,
        limits.OPTIONS,
        placeholder=_optional_plain(placeholder, limits.PLACEHOLDER),
        initial_option=_chosen(options, initial),
        focus_on_load=focus or None,
    )


def external_select(action_id: str, placeholder: str, initial: Option | None = None) -> Element:
    """A menu with one choice whose options the app gives for what is typed, also before anything is typed."""
    return _element(
        "external_select",
        action_id,
        placeholder=_plain(placeholder, limits.PLACEHOLDER),
        initial_option=initial,
        min_query_length=0,
    )


def multi_external_select(
    action_id: str, placeholder: str, initial: Sequence[Option] = (), most: int | None = None
) -> Element:
    """The same with several choices, at most `most`."""
    return _element(
        "multi_external_select",
        action_id,
        placeholder=_plain(placeholder, limits.PLACEHOLDER),
        initial_options=list(initial) or None,
        min_query_length=0,
        max_selected_items=most,
    )


def multi_select(
    action_id: str,
    options: Sequence[Option],
    placeholder: str | None = None,
    initial: Sequence[str] = (),
    most: int | None = None,
) -> Element:
    """A menu with several choices, at most `most`; `initial` holds the values of those chosen at first."""
    return _menu(
        "multi_static_select",
        action_id,
        options,
        limits.OPTIONS,
        placeholder=_optional_plain(placeholder, limits.PLACEHOLDER),
        initial_options=_all_chosen(options, initial),
        max_selected_items=most,
    )


def radio(action_id: str, options: Sequence[Option], initial: str | None = None) -> Element:
    """One choice of at most ten that are all in sight."""
    return _menu(
        "radio_buttons", action_id, options, limits.FEW_OPTIONS, initial_option=_chosen(options, initial)
    )


def checkboxes(action_id: str, options: Sequence[Option], initial: Sequence[str] = ()) -> Element:
    """Any of at most ten choices that are all in sight."""
    return _menu(
        "checkboxes", action_id, options, limits.FEW_OPTIONS, initial_options=_all_chosen(options, initial)
    )


def text_input(
    action_id: str,
    placeholder: str | None = None,
    initial: str | None = None,
    multiline: bool = False,
    longest: int | None = None,
    focus: bool = False,
) -> Element:
    """A field to type in, up to `longest` characters (3,000 at most)."""
    if longest is not None and not 1 <= longest <= limits.INPUT_TEXT:
        raise ValueError(f"a field takes 1 to {limits.INPUT_TEXT} characters, not {longest}")
    return _element(
        "plain_text_input",
        action_id,
        placeholder=_optional_plain(placeholder, limits.PLACEHOLDER),
        initial_value=clip(initial, longest or limits.INPUT_TEXT) if initial else None,
        multiline=multiline or None,
        max_length=longest,
        focus_on_load=focus or None,
    )


def file_input(action_id: str, filetypes: Sequence[str], most: int = 1) -> Element:
    """A field for one to ten files; Slack's client offers these endings only, and nothing else checks them."""
    if not 1 <= most <= limits.FILES:
        raise ValueError(f"a field takes 1 to {limits.FILES} files, not {most}")
    return _element("file_input", action_id, filetypes=list(filetypes), max_files=most)


def date_input(action_id: str, initial: date | None = None) -> Element:
    """A field for a day."""
    return _element("datepicker", action_id, initial_date=None if initial is None else initial.isoformat())


def input_block(
    label: str,
    element: Element,
    block_id: str,
    hint: str | None = None,
    optional: bool = False,
    dispatch: bool = False,
) -> Block:
    """A labelled field of a modal; with `dispatch` every change of it is sent as an action."""
    return _block(
        "input",
        block_id,
        label=_plain(label, limits.LABEL),
        element=element,
        hint=_optional_plain(hint, limits.HINT),
        optional=optional or None,
        dispatch_action=dispatch or None,
    )


def modal(
    callback_id: str,
    title: str,
    blocks: Sequence[Block],
    submit: str | None = None,
    close: str = "Cancel",
    private_metadata: str = "",
) -> View:
    """A modal of one to 100 blocks. Slack demands `submit` where there is a field; so do we."""
    _counted(blocks, limits.VIEW_BLOCKS, "blocks of a modal")
    if submit is None and any(block["type"] == "input" for block in blocks):
        raise ValueError("a modal with a field needs a button to submit it")
    return _present(
        type="modal",
        callback_id=_exact(callback_id, limits.IDENTIFIER, "callback id"),
        title=_plain(title, limits.VIEW_TITLE),
        blocks=list(blocks),
        submit=_optional_plain(submit, limits.VIEW_BUTTON),
        close=_plain(close, limits.VIEW_BUTTON),
        private_metadata=_private_metadata(private_metadata),
    )


def home(blocks: Sequence[Block], private_metadata: str = "") -> View:
    """The Home tab, of one to 100 blocks."""
    _counted(blocks, limits.VIEW_BLOCKS, "blocks of the Home tab")
    return _present(type="home", blocks=list(blocks), private_metadata=_private_metadata(private_metadata))


def message(text: str, blocks: Sequence[Block], metadata: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A message of at most 50 blocks; `text`, as mrkdwn, is all that notifications and screen readers say."""
    if len(blocks) > limits.MESSAGE_BLOCKS:
        raise ValueError(f"a message takes at most {limits.MESSAGE_BLOCKS} blocks, not {len(blocks)}")
    length = length_of(blocks)
    if length > ROOM_IN_A_MESSAGE:
        raise ValueError(f"a message holds about {limits.MESSAGE_IN_ALL} characters, not {length}")
    return _present(
        text=clip(_filled(text), limits.room(limits.MESSAGE_TEXT)), blocks=list(blocks), metadata=metadata
    )


def length_of(blocks: Sequence[Block]) -> int:
    """The UTF-16 units of every text in these blocks, at any depth, which a message holds only so many of."""
    length, inside = 0, list[Any](blocks)
    # What is found inside is looked at later in the same walk, which is quicker than to call oneself: every message
    # is measured.
    for thing in inside:
        if not isinstance(thing, dict):
            inside += [each for each in thing if isinstance(each, dict | list)]
            continue
        for name, part in thing.items():
            if isinstance(part, str):
                if name == "text":
                    length += units(part)
            elif isinstance(part, dict | list):
                inside.append(part)
    return length


def _present(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _block(kind: str, block_id: str | None, **fields: Any) -> Block:
    return _present(type=kind, block_id=_optional_exact(block_id, limits.IDENTIFIER, "block id"), **fields)


def _element(kind: str, action_id: str, **fields: Any) -> Element:
    return _present(type=kind, action_id=_exact(action_id, limits.IDENTIFIER, "action id"), **fields)


def _menu(kind: str, action_id: str, options: Sequence[Option], most: int, **fields: Any) -> Element:
    _counted(options, most, "options of a menu")
    return _element(kind, action_id, options=list(options), **fields)


def _mrkdwn(text: str, limit: int) -> Element:
    # Without `verbatim`, Slack turns bare addresses and channel names that somebody typed into links.
    return {"type": "mrkdwn", "text": clip(_filled(text), limits.room(limit)), "verbatim": True}


def _plain(text: str, limit: int) -> Element:
    return {"type": "plain_text", "text": clip(_filled(text), limits.room(limit))}


def _optional_plain(text: str | None, limit: int) -> Element | None:
    return None if text is None else _plain(text, limit)


def _label(text: str | None) -> str | None:
    return None if text is None else clip(_filled(text), limits.room(limits.ACCESSIBILITY_LABEL))


def _filled(text: str) -> str:
    if not text.strip():
        raise ValueError("Slack refuses a text that is empty")
    return text


def _exact(text: str, limit: int, what: str) -> str:
    if not 1 <= len(text) <= limit:
        raise ValueError(f"the {what} takes 1 to {limit} characters, not {len(text)}")
    return text


def _optional_exact(text: str | None, limit: int, what: str) -> str | None:
    return None if text is None else _exact(text, limit, what)


def _private_metadata(text: str) -> str | None:
    return _exact(text, limits.PRIVATE_METADATA, "private metadata") if text else None


def _counted(things: Sequence[Any], most: int, what: str) -> None:
    if not 1 <= len(things) <= most:
        raise ValueError(f"the {what} are 1 to {most}, not {len(things)}")


def _chosen(options: Sequence[Option], value: str | None) -> Option | None:
    if value is None:
        return None
    for each in options:
        if each["value"] == value:
            return each
    raise ValueError("the option chosen at first is none of the options")


def _all_chosen(options: Sequence[Option], values: Sequence[str]) -> list[Option] | None:
    return [option for value in values if (option := _chosen(options, value))] or None
