"""Every route that writes, and what the audit log says of it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.conftest import PASSWORD

NEW_PASSWORD = "staple battery horse correct"
LINK = {"target": "https://shop.example/", "referrer": "anna"}


class Write(NamedTuple):
    """What ada sends to a route, and the actions that are recorded. In the `path`, `{names}` are the stage's."""

    actions: tuple[str, ...]
    sent: Mapping[str, Any] = {}
    path: str = ""


def _one(action: str, path: str = "", **sent: Any) -> Write:
    return Write((action,), sent, path)


ADAS_PASSWORD = {"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD}
REISSUES = {
    "rotate": ("PARTNER_TOKEN_ROTATED",),
    "restore": ("PARTNER_RESTORED",),
    "invite": ("PARTNER_TOKEN_ROTATED", "PARTNER_INVITED"),
    "revoke": ("PARTNER_REVOKED",),
}
WRITES: Mapping[str, Write] = {
    "POST /api/auth/login": _one("SIGNED_IN", email="ada@example.org", password=PASSWORD),
    "POST /api/auth/logout": _one("SIGNED_OUT"),
    "POST /api/auth/password": Write(("PASSWORD_CHANGED", "SESSIONS_ENDED"), ADAS_PASSWORD),
    "DELETE /api/auth/sessions": _one("SESSIONS_ENDED"),
    "DELETE /api/auth/sessions/<uuid:session_id>": _one("SESSION_ENDED", "/api/auth/sessions/{session}"),
    "POST /api/users": _one("USER_CREATED", email="new@example.org", password=PASSWORD),
    "PATCH /api/users/<uuid:user_id>": Write(
        ("USER_CHANGED", "USER_DEACTIVATED", "SESSIONS_ENDED"),
        {"role": "admin", "isActive": False},
        "/api/users/{user}",
    ),
    "POST /api/keys": _one("KEY_CREATED", name="app", scopes=["capture"]),
    "DELETE /api/keys/<uuid:key_id>": _one("KEY_REVOKED", "/api/keys/{key}"),
    "PUT /api/customers/<int:customer_id>": Write(
        ("CUSTOMER_CHANGED", "CUSTOMER_DEACTIVATED", "SESSIONS_ENDED"),
        {"displayName": "Bob", "active": False, "password": NEW_PASSWORD},
        "/api/customers/7",
    ),
    "POST /api/customers/<int:customer_id>/token": _one("CUSTOMER_TOKEN_MINTED", "/api/customers/7/token"),
    "DELETE /api/customers/<int:customer_id>/sessions": _one("SESSIONS_ENDED", "/api/customers/7/sessions"),
    "PUT /api/records": _one(
        "RECORDS_STORED", records=[{"kind": "table", "id": 1}, {"kind": "ride", "id": 1, "customerId": 7}]
    ),
    "PUT /api/records/<kind>/<int:record_id>": _one("RECORD_STORED", "/api/records/table/1", status="free"),
    "DELETE /api/records/<kind>/<int:record_id>": _one("RECORD_DELETED", "/api/records/ride/1"),
    "POST /api/tracking/partner/create": Write(
        ("PARTNER_CREATED", "PARTNER_INVITED"),
        {"trackingId": "new", "email": "new@example.org", "invite": True},
    ),
    **{
        f"POST /api/tracking/partner/<tracking_id>/{verb}": Write(
            actions, path=f"/api/tracking/partner/{'{revoked}' if verb == 'restore' else '{partner}'}/{verb}"
        )
        for verb, actions in REISSUES.items()
    },
    "POST /api/tracking/links": Write(("LINK_CREATED",), LINK),
    "PATCH /api/tracking/links/<slug>": Write(
        ("LINK_CHANGED", "LINK_ARCHIVED"),
        {"campaign": "autumn", "archived": True},
        "/api/tracking/links/spring",
    ),
    "POST /api/tracking/shares": _one("SHARE_CREATED", name="all", filters={"campaign": "spring"}),
    "DELETE /api/tracking/shares/<uuid:share_id>": _one("SHARE_REVOKED", "/api/tracking/shares/{share}"),
    "POST /login": _one("SIGNED_IN", email="ada@example.org", password=PASSWORD),
    "POST /logout": _one("SIGNED_OUT"),
    "POST /reset-password/new": Write(
        ("PASSWORD_RESET", "SESSIONS_ENDED"), {"token": "{reset_token}", "newPassword": NEW_PASSWORD}
    ),
    "POST /settings/password": Write(("PASSWORD_CHANGED", "SESSIONS_ENDED"), ADAS_PASSWORD),
    "POST /settings/sessions/<uuid:session_id>/end": _one(
        "SESSION_ENDED", "/settings/sessions/{session}/end"
    ),
    "POST /settings/sessions/end": _one("SESSIONS_ENDED"),
    "POST /settings/users": _one("USER_CREATED", email="new@example.org", password=PASSWORD),
    "POST /settings/users/<uuid:user_id>": _one("USER_CHANGED", "/settings/users/{user}", role="admin"),
    "POST /settings/keys": _one("KEY_CREATED", name="app", scopes=["capture"]),
    "POST /settings/keys/<uuid:key_id>/revoke": _one("KEY_REVOKED", "/settings/keys/{key}/revoke"),
    "POST /tracking-admin/links": Write(("LINK_CREATED",), LINK),
    "POST /tracking-admin/links/<slug>": Write(
        ("LINK_CHANGED",), {**LINK, "campaign": "autumn"}, "/tracking-admin/links/spring"
    ),
    "POST /tracking-admin/links/<slug>/<any(archive, restore):act>": _one(
        "LINK_ARCHIVED", "/tracking-admin/links/spring/archive"
    ),
    "POST /tracking-dashboard/shares": _one(
        "SHARE_CREATED", "/tracking-dashboard/shares?campaign=spring", name="all", expiresInDays="30"
    ),
    "POST /tracking-dashboard/shares/<uuid:share_id>/revoke": _one(
        "SHARE_REVOKED", "/tracking-dashboard/shares/{share}/revoke"
    ),
    "POST /tracking-admin/partners": _one("PARTNER_CREATED", trackingId="new", expiresInDays="30"),
    **{
        f"POST /tracking-admin/partners/<tracking_id>/{verb}": Write(
            actions,
            path=f"/tracking-admin/partners/{'{revoked}' if verb == 'restore' else '{partner}'}/{verb}",
        )
        for verb, actions in REISSUES.items()
    },
    "POST /customers": _one("CUSTOMER_CREATED", id="8", displayName="Carol"),
    "POST /customers/<int:customer_id>": _one("CUSTOMER_CHANGED", "/customers/7", displayName="Bob"),
    "POST /customers/<int:customer_id>/sessions/end": _one("SESSIONS_ENDED", "/customers/7/sessions/end"),
    **{
        f"POST {start}/<int:customer_id>/points/reversals": _one(
            "POINTS_REVERSED", f"{start}/7/points/reversals", entryId="{entry}", reason="twice"
        )
        for start in ("/api/customers", "/customers")
    },
}
AS_READ = "what its customer has read is nobody else's to answer for"
NOT_RECORDED: Mapping[str, str] = {
    "POST /api/tracking/capture": "the events are the record of themselves, and far too many",
    "POST /api/tracking/capture/batch": "as above",
    "POST /api/auth/refresh": "changes nothing: the session stays, and its beginning is recorded",
    "POST /api/customer/mevents/tracking/interactions": "it is, but staff may not: tests/mevents/test_tracking.py",
    "POST /api/customer/notifications/<uuid:notification_id>/read": AS_READ,
    "POST /api/customer/notifications/read-all": AS_READ,
    "POST /notifications/<uuid:notification_id>/read": AS_READ,
    "POST /notifications/read-all": AS_READ,
    "POST /reset-password": "a stranger asks for a mail, which the outbox holds; what comes of it is recorded",
}
