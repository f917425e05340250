"""The short help for somebody who writes to the bot instead of typing a command."""

from store.deliveries import queue_notice
from store.desk import Act, intention


@intention
def queue_short_help(act: Act, person_id: int, key: str) -> None:
    """Queue the short help for a person, once for each message; `key` is the same when it comes again."""
    queue_notice(act, "short_help", person_id, f"short-help:{person_id}:{key}")
