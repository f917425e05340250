"""What a modal remembers between its drawings, in `private_metadata`.

Only hints are kept there, such as what was searched for, or which registration the modal is about: somebody
may forge them, so that every right is asked for again when the modal is sent in.
"""

import json

from handlers.blocks.state import BadPayload


def remember(**facts: str | int) -> str:
    """Facts as `private_metadata`."""
    return json.dumps({name: str(value) for name, value in facts.items() if value != ""})


def recall(metadata: str) -> dict[str, str]:
    """The facts again. Raises BadPayload when they are not in the form of `remember`."""
    if not metadata:
        return {}
    try:
        facts = json.loads(metadata)
    except ValueError:
        raise BadPayload("the memory of a modal is not JSON") from None
    if not isinstance(facts, dict) or not all(isinstance(each, str) for each in facts.values()):
        raise BadPayload("the memory of a modal is not an object of texts")
    return facts
