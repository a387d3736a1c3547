"""Decisions about prices, and the states of a night's price, by name."""

from typing import Final

from common.translatable_text import Text
from pricing_service.decisions.decision_models import Action

ACTION_NAMES: Final[dict[str, Text]] = {
    Action.START: Text("start"),
    Action.AUTOMATIC: Text("automatic"),
    Action.ACCEPT: Text("accept"),
    Action.OVERRIDE: Text("override"),
    Action.LOCK: Text("lock"),
    Action.RELEASE: Text("release"),
    Action.FIX: Text("fix"),
    Action.UNFIX: Text("unfix"),
    Action.BOUND: Text("bound"),
    Action.CLOSE: Text("close"),
    Action.OPEN: Text("open"),
    Action.UNDO: Text("undo"),
    Action.CURRENCY: Text("currency"),
}
STATE_NAMES: Final[dict[str, Text]] = {
    "closed": Text("closed"),
    "held": Text("held"),
    "suggested": Text("suggested"),
    "in force": Text("in force"),
    "sold out": Text("sold out"),
}


def name_in_words(names: dict[str, Text], name: str) -> str:
    """Return a name in the reader's language; one that is not known as it is."""
    return names[name].render() if name in names else name
