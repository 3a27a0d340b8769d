"""What Socket.IO has to say, in our log and not over and over: a lost Redis is told at every message."""

import logging
import time

QUIET_SECONDS = 60


class Seldom(logging.Filter):
    """Lets the same words of a library pass once a minute."""

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether `record` is new enough."""
        now, words = time.monotonic(), str(record.msg)[:200]
        if now - self._told.get(words, -QUIET_SECONDS) < QUIET_SECONDS:
            return False
        if len(self._told) > 100:
            self._told.clear()
        self._told[words] = now
        return True


def logger_of(library: str) -> logging.Logger:
    """Return the logger that `library` shall use."""
    logger = logging.getLogger(library)
    if not any(isinstance(each, Seldom) for each in logger.filters):
        logger.addFilter(Seldom())
    return logger
