"""The record in words: one plain sentence for each entry, with who, what, on what, when and from where."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from handlers.blocks.text import last_day
from handlers.words.key_history import KEY_ACTIONS
from handlers.words.pens import Pen, counted
from handlers.words.requests import CAUSES
from handlers.words.tries import tried
from store.entries import Line

_MOST_NAMED: Final = 3
_SHOWN_OF_CHECKSUM: Final = 12

_SOURCES: Final = {
    "slack": "from Slack",
    "command": "from the command line",
    "import": "by an import",
    "schedule": "on its own",
    "workflow": "through a workflow",
    "mail": "by e-mail",
}
_STEPS: Final = {
    "contacts": "the contacts",
    "infrastructure_admins": "the infrastructure administrators",
    "company_admins": "the company admins",
    "operators": "the operators",
}
_ROLES: Final = {"infrastructure_admin": "infrastructure administrator"}


def sentence(line: Line, pen: Pen) -> str:
    """An entry as a sentence."""
    who = pen.name(line.actor) if line.actor else "Somebody" if line.actor_id else "The desk"
    # An entry about an infrastructure as a whole names it already.
    place = "" if line.subject.startswith("infrastructure ") else line.infrastructure
    source = _SOURCES.get(line.source, f"by {pen.name(line.source)}")
    return f"{who} {_did(line, pen)}{f' in {pen.name(place)}' if place else ''} ({pen.moment(line.at)}, {source})."


def _did(line: Line, pen: Pen) -> str:
    if line.action.startswith("refused:"):
        return _refused(line, pen)
    words = ACTIONS.get(line.action) or _IMPORTED.get(line.action.rpartition("_")[2])
    return words(line, pen) if words else f"did “{_spaced(line.action)}” to {_what(line, pen)}"


def _refused(line: Line, pen: Pen) -> str:
    what = tried(line.action.partition(":")[2])
    about = f" ({_what(line, pen)})" if line.about else ""
    # A class of refusals is named by its sentence, such as NoSlotFree.
    reason = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", str(line.facts.get("refusal", ""))).lower()
    return f"tried to {what}{about} and was refused ({reason})"


def _what(line: Line, pen: Pen) -> str:
    """What an entry is about, by the names that people know it by."""
    kind, _, key = line.subject.partition(" ")
    named = _named(line, pen)
    if kind == "request":
        return f"{key} for {named}" if named else key
    if kind == "slot":
        return named or "an environment that is not known any more"
    if kind == "person":
        return named or "somebody who is not known any more"
    return named or pen.name(line.subject)


def _named(line: Line, pen: Pen) -> str:
    names = [pen.name(each) for each in line.about[:_MOST_NAMED]]
    more = len(line.about) - len(names)
    if more > 0:
        return f"{', '.join(names)} and {more} more"
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def _fact(line: Line, name: str, pen: Pen) -> str:
    return pen.name(str(line.facts.get(name) or "something not known"))


def _people(line: Line, name: str, pen: Pen) -> str:
    return (
        ", ".join(pen.name(each) for each in line.people.get(name, ()))
        or "somebody who is not known any more"
    )


def _simply(verb: str) -> Callable[[Line, Pen], str]:
    return lambda line, pen: f"{verb} {_what(line, pen)}"


def _register(line: Line, pen: Pen) -> str:
    serial, version = _fact(line, "serial", pen), _fact(line, "version", pen)
    return f"registered {_what(line, pen)} with serial number {serial} and version {version}"


def _change_version(line: Line, pen: Pen) -> str:
    before, after = _fact(line, "from", pen), _fact(line, "to", pen)
    return f"changed the version of {_what(line, pen)} from {before} to {after}"


def _change_serial(line: Line, pen: Pen) -> str:
    before, after = line.serials.get("replaces"), line.serials.get("registration")
    return (
        f"changed the serial number of {_what(line, pen)}"
        f"{f' from {before}' if before else ''}{f' to {after}' if after else ''}"
    )


def _release(line: Line, pen: Pen) -> str:
    serial = line.serials.get("registration")
    return f"released {_what(line, pen)}{f', serial number {serial}' if serial else ''}{_reason(line, pen)}"


def _reason(line: Line, pen: Pen) -> str:
    reason = str(line.facts.get("reason") or "").strip()
    return f", with the reason “{pen.name(reason)}”" if reason else ""


def _rename(line: Line, pen: Pen) -> str:
    return f"renamed {_fact(line, 'from', pen)} to {_fact(line, 'to', pen)}"


def _issue(line: Line, pen: Pen) -> str:
    return f"made license number {line.facts.get('seq')} of {_what(line, pen)}, {_checksum(line)}"


def _ask(line: Line, pen: Pen) -> str:
    noun = {"serial_change": "the new serial number", "release": "the release"}.get(
        str(line.facts.get("kind")), _files(line)
    )
    number = line.subject.partition(" ")[2]
    urgent = ", urgent" if line.facts.get("urgent") else ""
    return f"asked for {noun} of {_named(line, pen) or 'environments'} ({number}{urgent})"


def _files(line: Line) -> str:
    return "the license file" if len(line.about) == 1 else "the license files"


def _take(line: Line, pen: Pen) -> str:
    return f"took {_files(line)} of {_named(line, pen)} directly ({line.subject.partition(' ')[2]})"


def _next_step(line: Line, pen: Pen) -> str:
    step = _STEPS.get(str(line.facts.get("step")), "the next step")
    return f"put {_what(line, pen)} to {step}: {_people(line, 'asked', pen)}"


def _close(line: Line, pen: Pen) -> str:
    known = {str(cause): words for cause, words in CAUSES.items()}
    cause = known.get(str(line.facts.get("cause")), "it could not go on")
    return f"closed {_what(line, pen)}, because {cause}"


def _deliver(line: Line, pen: Pen) -> str:
    decided = f", forwarded by {_people(line, 'decider', pen)}" if line.facts.get("decider") else ""
    made = "file" if "held_file" in line.facts else "license"
    number = line.facts.get("version" if made == "file" else "seq")
    return (
        f"delivered {made} number {number} of {_what(line, pen)} to "
        f"{_people(line, 'recipient', pen)}{decided}, {_checksum(line)}"
    )


def _upload(line: Line, pen: Pen) -> str:
    unnamed = ", which does not name its serial number" if line.facts.get("named") is False else ""
    return (
        f"uploaded file number {line.facts.get('version')} of {_what(line, pen)}{unnamed}, {_checksum(line)}"
    )


def _checksum(line: Line) -> str:
    return f"SHA-256 {str(line.facts.get('sha256', ''))[:_SHOWN_OF_CHECKSUM]}…"


def _fail_delivery(line: Line, pen: Pen) -> str:
    return f"gave up {pen.name(line.subject)} ({_fact(line, 'kind', pen)}; Slack answered {_fact(line, 'error', pen)})"


def _deactivate(line: Line, pen: Pen) -> str:
    resting = line.facts.get("resting")
    roles = f", so that {counted(resting, 'role')} rest" if isinstance(resting, int) and resting else ""
    return f"noted that {_what(line, pen)} was deactivated in Slack{roles}"


def _pause_person(line: Line, pen: Pen) -> str:
    return f"paused {_what(line, pen)}, who was refused {counted(_sum(line), 'time')} in a short time"


def _delete_file(line: Line, pen: Pen) -> str:
    file = _license_of(line, pen) if "held_file" in line.facts else f"the file of {_license_of(line, pen)}"
    if line.facts.get("gone_before"):
        return f"noted that {file} was deleted from Slack before"
    return f"deleted {file} from Slack"


def _license_of(line: Line, pen: Pen) -> str:
    if "held_file" in line.facts:
        return f"file number {line.facts['version']} of {_what(line, pen)}"
    return (
        f"license number {line.facts['seq']} of {_what(line, pen)}"
        if "seq" in line.facts
        else _what(line, pen)
    )


def _slots_added(line: Line, pen: Pen) -> str:
    return f"added {counted(_sum(line), 'slot')} to {_what(line, pen)}"


def _role_of(line: Line) -> str:
    name = str(line.facts.get("role") or "a role")
    return _ROLES.get(name, _spaced(name))


def _role_added(line: Line, pen: Pen) -> str:
    return f"gave {_what(line, pen)} the role {_role_of(line)}"


def _role_changed(line: Line, pen: Pen) -> str:
    return f"changed the role {_role_of(line)} of {_what(line, pen)}"


def _role_removed(line: Line, pen: Pen) -> str:
    return f"ended the role {_role_of(line)} of {_what(line, pen)}"


def _role_given(verb: str, joint: str) -> Callable[[Line, Pen], str]:
    return lambda line, pen: f"{verb} the role {_role_of(line)} {joint} {_what(line, pen)}"


def _hand_over(line: Line, pen: Pen) -> str:
    role, successor = _role_of(line), _people(line, "successor", pen)
    return f"asked to hand the role {role} of {_what(line, pen)} over to {successor}"


def _stand_in(verb: str) -> Callable[[Line, Pen], str]:
    return lambda line, pen: f"{verb} {_people(line, 'stand_in', pen)} as stand-in of {_what(line, pen)}"


def _ask_also(line: Line, pen: Pen) -> str:
    return f"asked also {_people(line, 'asked', pen)} about {_what(line, pen)}"


def _ask_no_more(line: Line, pen: Pen) -> str:
    lost = line.facts.get("people")
    number = len(lost) if isinstance(lost, list) else 0
    return f"stopped asking {'1 person' if number == 1 else f'{number} people'} about {_what(line, pen)}"


def _renew(line: Line, pen: Pen) -> str:
    changed = ", ".join(_spaced(each) for each in sorted(line.facts))
    return f"renewed the {pen.name(line.subject)}{f' ({changed})' if changed else ''}"


def _reminded(line: Line, pen: Pen) -> str:
    try:
        end = datetime.fromisoformat(str(line.facts.get("ends_at")))
    except ValueError:
        return f"reminded people of the end of the {pen.name(line.subject)}"
    return f"reminded people that {last_day(end)} is the last day of the {pen.name(line.subject)}"


def _reminded_of_request(line: Line, pen: Pen) -> str:
    return f"reminded those who are asked about {_what(line, pen)}"


def _escalate(line: Line, pen: Pen) -> str:
    asked = _people(line, "asked", pen) if line.facts.get("asked") else "nobody anew"
    return f"asked the company admins, too, about {_what(line, pen)}: {asked}"


def _access_asked(_line: Line, _pen: Pen) -> str:
    return "asked for access"


def _slots_removed(line: Line, _pen: Pen) -> str:
    return f"removed {counted(_sum(line), 'slot')}"


def _sum(line: Line) -> int:
    return sum(each for each in line.facts.values() if isinstance(each, int))


def _imported(verb: str) -> Callable[[Line, Pen], str]:
    def words(line: Line, pen: Pen) -> str:
        noun = _spaced(line.action.rpartition("_")[0])
        fields = line.facts.get("fields")
        which = f" ({', '.join(map(_spaced, fields))})" if isinstance(fields, list) and fields else ""
        same = line.subject.startswith(f"{noun} ")
        return f"{verb} the {noun} {'' if same else 'of '}{_what(line, pen)}{which}"

    return words


def _spaced(name: str) -> str:
    return name.replace("_", " ")


_IMPORTED: Final[Mapping[str, Callable[[Line, Pen], str]]] = {
    "added": _imported("added"),
    "changed": _imported("changed"),
    "removed": _imported("removed"),
}
"""Words for what an import does, by the end of the action's name."""

ACTIONS: Final[Mapping[str, Callable[[Line, Pen], str]]] = {
    **KEY_ACTIONS,
    "register": _register,
    "change_version": _change_version,
    "change_serial": _change_serial,
    "undo": _simply("took back the registration of"),
    "release": _release,
    "rename": _rename,
    "issue_license": _issue,
    "ask": _ask,
    "take": _take,
    "post": _simply("posted"),
    "put_to_next_step": _next_step,
    "forward": _simply("forwarded"),
    "decline": _simply("declined"),
    "withdraw": _simply("withdrew"),
    "expire": lambda line, pen: f"let {_what(line, pen)} expire without an answer",
    "close": _close,
    "deliver": _deliver,
    "upload_file": _upload,
    "send_again": lambda line, pen: f"had the file of {_what(line, pen)} sent again",
    "fail_delivery": _fail_delivery,
    "delivery_retried": lambda line, pen: f"queued {pen.name(line.subject)} again",
    "link_person": lambda line, pen: f"linked {_what(line, pen)} to Slack by e-mail address",
    "meet_person": lambda line, pen: f"saw {_what(line, pen)} for the first time",
    "deactivate_person": _deactivate,
    "delete_file": _delete_file,
    "pause_person": _pause_person,
    "key_retired": _simply("gave up the signing"),
    "restored": lambda _line, _pen: "restored a backup, so that what was done after it is not on this record",
    "connect_workspace": _simply("connected"),
    "disconnect_workspace": _simply("disconnected"),
    "move_channel": lambda line, pen: f"noted the new id of the {_what(line, pen)}",
    "slots_added": _slots_added,
    "role_added": _role_added,
    "role_changed": _role_changed,
    "role_removed": _role_removed,
    "give_role": _role_given("gave", "to"),
    "end_role": _role_given("ended", "of"),
    "confirm_role": _role_given("confirmed", "of"),
    "ask_hand_over": _hand_over,
    "name_stand_in": _stand_in("named"),
    "end_stand_in": _stand_in("ended the time of"),
    "ask_also": _ask_also,
    "ask_no_more": _ask_no_more,
    "set_channel": lambda line, pen: f"set the {_what(line, pen)}",
    "reactivate_person": lambda line, pen: f"noted that {_what(line, pen)} is back in Slack",
    "guest_changed": lambda line, pen: f"noted that Slack changed whether {_what(line, pen)} is a guest",
    "ask_access": _access_asked,
    "let_in": lambda line, pen: f"added {_what(line, pen)}, who asked for access, as a member",
    "decline_access": lambda line, pen: f"declined the access that {_what(line, pen)} asked for",
    "welcome": lambda _line, _pen: "welcomed people who got a role by an import",
    "renew_subscription": _renew,
    "suspend_subscription": _simply("suspended the"),
    "reinstate_subscription": _simply("reinstated the"),
    "remind_of_end": _reminded,
    "remind": _reminded_of_request,
    "escalate": _escalate,
    "close_reissue": lambda _line, _pen: "closed a delivery of license files that were made anew",
    "slots_removed": _slots_removed,
}
"""Words for each action that the store records; an import's others are in `_IMPORTED`."""
