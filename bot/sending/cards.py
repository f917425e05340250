"""Sending cards: posted once into each conversation, and redrawn whole from the database."""

from bot.sending.channels import look
from bot.sending.job import Job
from bot.sending.posting import Place, direct_place, post
from store import cards, conversations
from store.cards import Card, request_of, target_of, workspace_of
from store.delivery_claims import COURIER


def send_card(job: Job) -> None:
    """Post a card, or redraw those that are in the conversation. Raises `CallFailed`."""
    request_id = request_of(job.delivery)
    with job.desk.database.read() as connection:
        shown = cards.shown(connection, request_id)
        present = cards.at(connection, request_id, target_of(job.delivery))
    if present:
        _redraw(job, present)
    elif shown.pending or job.delivery.facts.get("even_decided"):
        _post(job)
    else:
        # It was decided before anybody saw it here; there is nothing to ask for any more.
        job.done()


def _redraw(job: Job, present: list[Card]) -> None:
    if all(card.version >= job.delivery.facts["version"] for card in present):
        job.done()
        return
    request_id, target = request_of(job.delivery), target_of(job.delivery)
    with job.desk.database.read() as connection:
        version = cards.shown(connection, request_id).version
        message = job.drawings.card(connection, job.desk, request_id, target.channel, target.person_id)
    for card in present:
        job.slack.call(
            "chat.update", channel=card.channel, ts=card.ts, text=message["text"], blocks=message["blocks"]
        )
    cards.redrawn(job.desk, COURIER, job.delivery, [card.id for card in present], version)


def _post(job: Job) -> None:
    request_id, target = request_of(job.delivery), target_of(job.delivery)
    place = _place(job)
    with job.desk.database.read() as connection:
        version = cards.shown(connection, request_id).version
        message = job.drawings.card(connection, job.desk, request_id, target.channel, target.person_id)
        workspace = workspace_of(connection, request_id)
        conversation = conversations.find(connection, workspace, place.channel)
    if conversation is None:
        raise LookupError(place.channel)
    ts = post(job, place, message)
    cards.posted(job.desk, COURIER, job.delivery, conversation.id, ts, version)


def _place(job: Job) -> Place:
    target = target_of(job.delivery)
    if target.channel is not None:
        look(job, target.channel)
        return Place(target.channel)
    if target.person_id is None:
        raise LookupError(job.delivery.occasion)
    return direct_place(job, target.person_id)
