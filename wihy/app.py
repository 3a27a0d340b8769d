"""The assembly: what an application is made of, from the ground up."""

from flask import Flask

from config import ROOT, Settings, load_settings
from wihy import commands, reactions, routes
from wihy.accounts import identity
from wihy.analytics import names
from wihy.core import (
    answers,
    bodies,
    client_address,
    compression,
    csrf,
    database,
    errors,
    facts,
    headers,
    hosts,
    limits,
    logs,
    migrations,
    origins,
    replica,
    request_id,
    static_files,
    texts,
)
from wihy.core.application import Application
from wihy.jobs import service as jobs
from wihy.jobs.schedule import JOBS
from wihy.links import queries as link_queries
from wihy.live import sockets
from wihy.mails import MAILS
from wihy.monitoring import instruments
from wihy.outbox import figures as outbox_figures
from wihy.outbox import mail, sweep
from wihy.outbox.service import MAIL
from wihy.partners import queries as partner_queries
from wihy.tracking import book_figures, combinations, short_way
from wihy.web import shell


def create_app(settings: Settings | None = None) -> Flask:
    """Return the application that `settings` (default: the environment's) describe; raises `ConfigurationError`."""
    settings = settings or load_settings()
    logs.configure(settings)
    app = Application(
        "wihy",
        root_path=str(ROOT),
        template_folder="templates",
        static_folder="static",
        instance_path=str(settings.instance_path.resolve()),
    )
    app.extensions["settings"] = settings
    app.secret_key = settings.jwt_secret
    short_way.register(
        app, settings, instruments.note_success
    )  # first: proxies and sockets are dealt with around it
    _lay_the_ground(app, settings)
    _furnish_rooms(app, settings)
    routes.register(app)
    commands.register(app)
    return app


def _lay_the_ground(app: Flask, settings: Settings) -> None:
    """Give `app` what all rooms stand on; the order counts."""
    compression.register(app)  # before all hooks, so that it runs after them
    request_id.register(app)  # first: every later refusal carries the id
    errors.register(app)
    headers.register(app, settings)
    bodies.register(app)
    static_files.register(app)
    sockets.register(app, settings)  # before the next: proxies are trusted for sockets as for requests
    client_address.register(app, settings)
    hosts.register(app, settings)
    origins.register(app, settings)
    database.register(app, settings)
    replica.register(app, settings)
    answers.register(app, settings)
    migrations.register(app)
    identity.register(app, settings)
    csrf.register(app)
    texts.register(app)
    limits.register(app, settings)


def _furnish_rooms(app: Flask, settings: Settings) -> None:
    """Give the rooms of `app` what they need of each other."""
    instruments.register(app)
    facts.register(app, reactions.REACTIONS)
    names.register(app, partner_queries.names_of)
    book_figures.register(app)
    combinations.register(app, partner_queries.ids_of_partners, link_queries.ids_of_links)
    mail.register(app, MAILS)
    sweep.register(app, {MAIL: mail.deliver})
    outbox_figures.register(app)
    jobs.register(app, settings, JOBS)
    shell.register(app)
