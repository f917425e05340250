"""`/license help`: what there is to do, as far as this person may do it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from sqlalchemy import Connection

from handlers import words
from handlers.adapters import Conversation
from handlers.answers import Answer, say_blocks
from handlers.blocks.kit import context, section
from handlers.blocks.text import quote
from handlers.payloads import Command
from handlers.visitors import Visitor
from store import infrastructures, people
from store.desk import Policy
from store.rules.rights import Rights

_LONGEST_WORD = 40


@dataclass(frozen=True, slots=True)
class Subcommand:
    """One line of the table of subcommands.

    The first of its `words` is its name, the others are accepted as well. `usage` follows the name in the help;
    `allowed` tells from somebody's rights whether the help shows it to them. `quick` says that alone, with nothing
    typed after it, it takes a few short reads.
    """

    words: tuple[str, ...]
    talk: Conversation[Command]
    usage: str
    line: str
    allowed: Callable[[Rights], bool]
    quick: bool = False

    @property
    def name(self) -> str:
        """The word that texts use."""
        return self.words[0]


def show(visitor: Visitor, subcommands: Iterable[Subcommand], first: str = "") -> Answer:
    """The help for this person, after the sentence `first`. Raises `NotAssociated` for somebody without a role."""
    rights = _rights(visitor)
    summary = first or "License Desk registers your environments and gets you their license files."
    lines = [_line(each) for each in subcommands if each.allowed(rights)]
    return say_blocks(
        summary,
        [section("\n".join([summary, *lines])), context("Only you see what you type after `/license`.")],
    )


def short(connection: Connection, policy: Policy, person_id: int) -> str:
    """What somebody is told who writes to the bot instead of typing a command; mrkdwn."""
    if is_lost(connection, person_id):
        return words.of(infrastructures.not_associated(connection, person_id), policy)
    return (
        "I only understand commands. Type `/license` here or in any channel to see what you can do, "
        "for example `/license register` or `/license slots`."
    )


def is_lost(connection: Connection, person_id: int) -> bool:
    """Whether somebody sees nothing of the desk, because no role of theirs counts."""
    return not any(each.active for each in people.held_roles(connection, person_id))


def nearest(word: str, subcommands: Sequence[Subcommand]) -> str | None:
    """The name of the subcommand that an unknown word most resembles, or None."""
    names = {known: each.name for each in subcommands for known in each.words}
    near = get_close_matches(word, names, n=1)
    return names[near[0]] if near else None


def unknown(word: str, subcommands: Sequence[Subcommand]) -> str:
    """What is said first to somebody who typed a word that is no subcommand."""
    near = nearest(word, subcommands)
    hint = f" Did you mean `/license {near}`?" if near else ""
    return (
        f"“{quote(word, _LONGEST_WORD)}” is none of my commands, so nothing was done.{hint or ' These are:'}"
    )


def _line(subcommand: Subcommand) -> str:
    usage = f" {subcommand.usage}" if subcommand.usage else ""
    return f"• `/license {subcommand.name}{usage}`: {subcommand.line}"


def _rights(visitor: Visitor) -> Rights:
    rights = visitor.rights
    if not rights.sees:
        with visitor.read() as connection:
            raise infrastructures.not_associated(connection, visitor.person.id)
    return rights
