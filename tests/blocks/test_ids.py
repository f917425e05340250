import re

import pytest

from handlers.blocks import limits
from handlers.blocks.ids import Action, BlockId, Callback, base, keyed

KINDS = [Action, Callback, BlockId]


@pytest.mark.parametrize("kind", KINDS)
def test_no_id_is_used_twice(kind: type[Action | Callback | BlockId]) -> None:
    ids = [member.value for member in kind.__members__.values()]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("kind", KINDS)
def test_every_id_leaves_slack_s_limit_room_for_a_key(kind: type[Action | Callback | BlockId]) -> None:
    assert all(len(member) <= limits.IDENTIFIER - 36 for member in kind)


@pytest.mark.parametrize("kind", [Action, Callback])
def test_an_action_or_view_is_called_thing_verb_and_part_or_just_what_it_is(
    kind: type[Action | Callback],
) -> None:
    assert all(re.fullmatch(r"[a-z_]+(\.[a-z_]+){0,2}", member) for member in kind)


def test_a_block_is_called_after_what_is_in_it() -> None:
    assert all(re.fullmatch(r"[a-z_]+", member) for member in BlockId)


def test_the_base_of_a_keyed_id_is_the_id() -> None:
    assert keyed(BlockId.SLOT, 17) == "slot:17"
    assert base("slot:17") == base("slot") == BlockId.SLOT
    assert base(keyed(Action.REGISTER, "a:b")) == Action.REGISTER
