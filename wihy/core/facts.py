"""Facts: what happened, announced by the room it happened in, for others to react to.

A fact is a frozen dataclass in the past tense in a room's `facts.py`; `wihy/reactions.py` is the one table of what
follows. `announce` runs the reactions in the caller's transaction; what must wait for the commit says `after_commit`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Flask, current_app

Reaction = Callable[[Any], object]


def register(app: Flask, reactions: Mapping[type, Sequence[Reaction]]) -> None:
    """Let `reactions` (fact → what follows, in order) follow the facts announced in `app`."""
    app.extensions["reactions"] = reactions


def announce(fact: object) -> None:
    """Tell that `fact` happened."""
    for reaction in current_app.extensions["reactions"].get(type(fact), ()):
        reaction(fact)
