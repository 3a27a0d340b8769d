"""Random numbers for ids: unpredictable ones, drawn from the system many at a time.

To ask the system is to let another thread go first. A request that does so twice waits twice for all others.
"""

import os
from struct import Struct

DRAWN_AT_ONCE = 512

_numbers: list[int] = []
_layout = Struct(f"={DRAWN_AT_ONCE}Q")


def random_64() -> int:
    """Return 64 random bits, fit for secrets. Safe to call from any thread; a forked process draws its own."""
    while True:
        try:
            return _numbers.pop()
        except IndexError:
            _numbers.extend(_layout.unpack(os.urandom(_layout.size)))


os.register_at_fork(after_in_child=_numbers.clear)
