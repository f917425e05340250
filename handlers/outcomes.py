"""What asking came to, and whom it is put to, in words."""

from collections.abc import Sequence

from handlers import phrases
from handlers.answers import Answer, say_blocks
from handlers.blocks.kit import Element, section
from handlers.deadlines import sentences
from handlers.item_buttons import upload_button, withdraw_buttons
from store.asking import Asked
from store.new_requests import Outcome
from store.request_views import ItemView
from store.rules.rights import Step

_MOST_BUTTONS = 5
_NOT_YET = ("is not", "are not")
_OF_STEP = {
    Step.CONTACTS: "",
    Step.INFRASTRUCTURE_ADMINS: " No contact can be reached in Slack, so it goes to the infrastructure administrators.",
    Step.COMPANY_ADMINS: " Nobody closer can be reached in Slack, so it goes to the company admins.",
    Step.OPERATORS: " Nobody of your company can be reached in Slack, so it goes to the operators.",
}


def outcome(made: Outcome, then: str = "") -> Answer:
    """Say what asking came to, and what happens next; `then` is what else there is to do."""
    sentences = [*_direct(made), *_put(made), *_pending(made), *([then] if then else [])]
    buttons = [*_upload_buttons(made), *withdraw_buttons(made.already_pending)]
    return say_blocks(sentences[0], [section("\n".join(sentences))], buttons, title="License Desk")


def _upload_buttons(made: Outcome) -> list[Element]:
    """For those who take files directly, and so may upload them as well."""
    missing = [each for each in made.direct if each.file_missing][:_MOST_BUTTONS]
    several = len(missing) > 1
    return [upload_button(each.environment, each.registration_id, named=several) for each in missing]


def who_will_be_asked(asked: Asked | None) -> str:
    """Whom a request would be put to, by name and number."""
    if asked is None:
        return (
            "Nobody who may decide this can be reached in Slack right now, so it cannot be asked for here. "
            "Please speak to your company admins."
        )
    listed = phrases.asked(asked.people)
    if len(asked.people) == 1:
        return f"This asks 1 person: {listed}.{_OF_STEP[asked.step]}{_skipped(asked)}"
    return (
        f"This asks {len(asked.people)} people, any of whom can forward it: {listed}."
        f"{_OF_STEP[asked.step]}{_skipped(asked)}"
    )


def _skipped(asked: Asked) -> str:
    return f" Not reached in Slack: {phrases.people(asked.skipped)}." if asked.skipped else ""


def _direct(made: Outcome) -> list[str]:
    if not made.direct:
        return []
    there = [each for each in made.direct if not each.file_missing]
    return [*(_comes(made, there) if there else []), *_missing(made.number or "", made.direct)]


def _missing(number: str, items: Sequence[ItemView]) -> list[str]:
    """What is said of files of the vendor's that are not there yet."""
    missing = [each for each in items if each.file_missing]
    if not missing:
        return []
    several = len(missing) > 1
    it, comes = ("they", "come") if several else ("it", "comes")
    return [
        f"{number}: the vendor makes {phrases.files_of(missing)}, which {_NOT_YET[several]} uploaded yet.",
        f"Everybody who may upload is told; {it} {comes} by direct message after that. You need not ask again.",
    ]


def _comes(made: Outcome, items: Sequence[ItemView]) -> list[str]:
    what, one = phrases.files_of(items), len(items) == 1
    if made.waits_until:
        comes = "comes" if one else "come"
        return [
            f"{made.number}: {what} {comes} when the subscription starts, {phrases.on(made.waits_until)}.",
            "It is in your direct messages with License Desk then. You need not ask again.",
        ]
    way = "is on its way" if one else "are on their way"
    return [f"{made.number}: {what} {way} to your direct messages with License Desk."]


def _put(made: Outcome) -> list[str]:
    if not made.put or not made.asked:
        return []
    any_one = " Any one of them can answer." if len(made.asked.people) > 1 else ""
    lines = [
        f"{made.number}: I asked {phrases.asked(made.asked.people)} about {phrases.environments(made.put)}.",
        f"License Desk tells you in a direct message what they answer.{any_one}{_skipped(made.asked)}",
    ]
    lines += _missing_when_forwarded(made.put)
    if made.waits_until:
        lines.append(f"The subscription starts {phrases.on(made.waits_until)}; a file comes then.")
    if made.deadlines and made.asked_at:
        lines.append(sentences(made.deadlines, made.asked_at))
    return [*lines, "Type `/license requests` to follow or withdraw it."]


def _missing_when_forwarded(items: Sequence[ItemView]) -> list[str]:
    missing = [each for each in items if each.file_missing]
    if not missing:
        return []
    return [
        f"The vendor makes {phrases.files_of(missing)}, which {_NOT_YET[len(missing) > 1]} uploaded yet.",
        "Everybody who may upload is told. Forwarded and uploaded, what you asked for comes by itself.",
    ]


def _pending(made: Outcome) -> list[str]:
    return [_already(each) for each in made.already_pending]


def _already(item: ItemView) -> str:
    asks = f"{item.number} already asks for {phrases.environment(item.environment)}"
    return f"{asks} and waits for an answer, so nothing more was asked for."
