"""Security headers (OWASP Secure Headers): on pages nothing inline, nothing from another host."""

from flask import Flask, Response, request

from config import Settings

POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HSTS = "max-age=31536000; includeSubDomains"
ON_ALL = {"X-Content-Type-Options": "nosniff"}
ON_PAGES = {
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


KEPT_NOWHERE = {"Cache-Control": "private, no-store"}


def on_json(settings: Settings) -> dict[str, str]:
    """Return what each answer of the JSON API carries that sets nothing of it itself."""
    return _on_all(settings) | KEPT_NOWHERE


def _on_all(settings: Settings) -> dict[str, str]:
    return ON_ALL | ({"Strict-Transport-Security": HSTS} if settings.is_production else {})


def register(app: Flask, settings: Settings) -> None:
    """Put the headers on each answer of `app`; what a view set itself stays."""
    on_all = _on_all(settings)
    on_pages = on_all | ON_PAGES

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        for name, value in (on_all if response.is_json else on_pages).items():
            if name not in headers:
                headers.add(name, value)
        if request.endpoint != "static" and "Cache-Control" not in headers:
            headers.extend(KEPT_NOWHERE)
        return response
