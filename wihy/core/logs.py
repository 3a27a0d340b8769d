"""Logs: readable lines in development, JSON lines in production, the request's id in each."""

import logging
from logging.config import dictConfig

from flask import g, has_app_context

from config import Settings


class RequestIdFilter(logging.Filter):
    """Adds `request_id` to each record (`-` outside requests)."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass."""
        record.request_id = g.get("request_id", "-") if has_app_context() else "-"
        return True


def configure(settings: Settings) -> None:
    """Send every log line to standard error, in the form that suits the environment."""
    _leave_out_what_no_line_says()
    fields = "%(asctime)s %(levelname)s %(name)s %(request_id)s %(message)s"
    dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "filters": {"request_id": {"()": RequestIdFilter}},
            "formatters": {
                "development": {"format": "%(asctime)s %(levelname)-7s %(message)s  [%(request_id)s]"},
                "production": {
                    "()": "pythonjsonlogger.json.JsonFormatter",
                    "format": fields,
                    "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
                },
            },
            "handlers": {
                "standard_error": {
                    "class": "logging.StreamHandler",
                    "formatter": settings.wihy_env,
                    "filters": ["request_id"],
                }
            },
            "root": {"level": settings.log_level, "handlers": ["standard_error"]},
            "loggers": {
                name: {"level": "WARNING"}
                for name in (
                    "engineio",
                    "socketio",
                    "werkzeug",
                    "alembic",
                    "flask-limiter",
                    "huey",
                )
            },
        }
    )


def _leave_out_what_no_line_says() -> None:
    """Spare each record the search for its caller, thread and process ("Optimization" in Python's Logging HOWTO)."""
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
