"""Slack's limits for texts and ids, in characters, from the Block Kit reference of docs.slack.dev."""

from typing import Final

SECTION: Final = 3000
HEADER: Final = 150
CONTEXT: Final = 3000
LABEL: Final = 2000
HINT: Final = 2000
PLACEHOLDER: Final = 150
BUTTON: Final = 75
BUTTON_VALUE: Final = 2000
URL: Final = 3000
ACCESSIBILITY_LABEL: Final = 75
CONFIRM_TITLE: Final = 100
CONFIRM_TEXT: Final = 300
CONFIRM_BUTTON: Final = 30
OPTION: Final = 75
OPTION_VALUE: Final = 150
OPTION_DESCRIPTION: Final = 75
OPTIONS: Final = 100
FILES: Final = 10
FEW_OPTIONS: Final = 10
INPUT_TEXT: Final = 3000
VIEW_TITLE: Final = 24
VIEW_BUTTON: Final = 24
PRIVATE_METADATA: Final = 3000
IDENTIFIER: Final = 255
CONTEXT_ELEMENTS: Final = 10
ACTION_ELEMENTS: Final = 25
MESSAGE_BLOCKS: Final = 50
VIEW_BLOCKS: Final = 100
# chat.update refuses more, although chat.postMessage takes ten times as much; every message may be updated.
MESSAGE_TEXT: Final = 4000
# Not documented: beyond about this many characters in all blocks Slack answers `msg_blocks_too_long`.
MESSAGE_IN_ALL: Final = 13_200


def room(limit: int) -> int:
    """The characters we allow ourselves below `limit`.

    Whether Slack counts some limits in characters or in bytes is disputed in public reports, so a thirtieth
    is kept free.
    """
    return limit - limit // 30
