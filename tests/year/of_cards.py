"""Cards and messages: none alive for what is decided, one alive for what waits, each message once."""

from collections.abc import Iterator

from bot.sandbox.conversations import Conversation
from tests.year.look import Look
from tests.year.shown import LiveCard


def alive_after_the_end(look: Look) -> Iterator[str]:
    """No card alive for a decided request, but where nobody can press it or Slack cannot be told."""
    waiting = look.facts.pending()
    for card in look.live_cards if look.slack_speaks else ():
        if card.request_id not in waiting and _can_be_pressed(look, card):
            yield f"request {card.request_id} is decided and its card in {card.place.id} is alive"


def waiting_without_a_card(look: Look) -> Iterator[str]:
    """Each pending request has a card alive where somebody who was asked can press it."""
    alive: dict[int, set[str]] = {}
    for card in look.live_cards:
        if _can_be_pressed(look, card):
            alive.setdefault(card.request_id, set()).update(card.place.members)
    for request_id in look.facts.pending() if look.slack_speaks else ():
        asked = {each.person_id for each in look.facts.asked.values() if each.request_id == request_id}
        present = {look.facts.persons[each].slack_id for each in asked if look.facts.persons[each].active}
        if not present & alive.get(request_id, set()):
            yield f"request {request_id} waits, and nobody asked has a card of it"


def drawn_behind(look: Look) -> Iterator[str]:
    """Every card shows the present state of its request, where Slack can draw it."""
    for card in look.facts.cards.values() if look.slack_speaks else ():
        place = look.world.conversations[look.facts.conversations[card.conversation_id].slack_id]
        version = look.facts.requests[card.request_id].version
        if card.version < version and not _is_lost(look, place):
            yield f"a card of request {card.request_id} in {place.id} shows {card.version} of {version}"


def said_twice(look: Look) -> Iterator[str]:
    """No message of a delivery, a reminder among them, stands in Slack twice."""
    for delivery_id, number in look.posts.items():
        if number > 1:
            yield f"delivery {delivery_id} was posted {number} times"


def sent_without_a_message(look: Look) -> Iterator[str]:
    """What counts as sent stands in Slack: every notice and reminder that was told."""
    posted = look.posts
    for each in look.facts.deliveries.values():
        told = each.kind == "notice" and each.notice != "report"
        if told and each.state == "sent" and not posted[each.id]:
            yield f"notice {each.notice} ({each.occasion}) counts as sent and stands nowhere"


def _can_be_pressed(look: Look, card: LiveCard) -> bool:
    return not _is_lost(look, card.place)


def _is_lost(look: Look, place: Conversation) -> bool:
    """Whether nobody can read a conversation any more."""
    return place.archived or (bool(place.user) and look.world.people[place.user].deleted)
