"""Who may do what: every route, and who is let in. Whoever is not named is refused.

| word | who |
|---|---|
| `anyone` | everyone, signed in or not |
| `no key` | everyone who sends no key |
| `no ended token` | everyone but who sends a bearer token that is good for nothing |
| `signed-in` | staff and customers |
| `staff` | admins and viewers |
| `admin` | admins |
| `links:write`, `partners:write`, `support:write` | admins, and viewers who were granted it |
| `link` | who has the page's link; all others, known or not, are asked for it (401) |
| `customers` | every customer; nothing of another customer can be named there |
| `owner` | the customer whose thing is named; for other customers it does not exist (404) |
| `self` | the customer who is named; other customers are refused (403) |
| `customers(p)`, `owner(p)`, `self(p)` | the same, unless the permission `p` was withdrawn |
| `gone` | who holds a token of a customer that is no more: is told so (404), elsewhere a stranger |
| `key:<scope>` | a program whose key has the scope |

A new route needs a line here, else `test_matrix.py` fails.
"""

from typing import NamedTuple

TABLE = """
# signing in, one's own account
GET     /login                                              anyone
POST    /login                                              anyone
POST    /logout                                             anyone
GET     /reset-password                                     anyone
POST    /reset-password                                     anyone
GET     /reset-password/new                                 anyone
POST    /reset-password/new                                 anyone
POST    /api/auth/login                                     anyone
POST    /api/auth/logout                                    signed-in
POST    /api/auth/refresh                                   signed-in
GET     /api/auth/me                                        signed-in
GET     /api/auth/sessions                                  signed-in
DELETE  /api/auth/sessions                                  signed-in
DELETE  /api/auth/sessions/<session_id>                     signed-in
POST    /api/auth/password                                  staff
GET     /settings                                           staff
GET     /settings/<form>                                    staff
GET     /settings/<form>/<_rest>                            staff
POST    /settings/password                                  staff
POST    /settings/sessions/end                              staff
POST    /settings/sessions/<session_id>/end                 staff

# staff users, keys
GET     /api/users                                          admin
POST    /api/users                                          admin
PATCH   /api/users/<user_id>                                admin
POST    /settings/users                                     admin
POST    /settings/users/<user_id>                           admin
GET     /api/keys                                           admin
POST    /api/keys                                           admin
DELETE  /api/keys/<key_id>                                  admin
POST    /settings/keys                                      admin
POST    /settings/keys/<key_id>/revoke                      admin

# capture, and what leads to it
GET     /                                                   anyone
GET     /l/<slug>                                           anyone
POST    /api/tracking/capture                               no key, key:capture
POST    /api/tracking/capture/batch                         no key, key:capture

# figures
GET     /api/tracking/stats                                 staff, key:stats:read
GET     /api/tracking/events                                staff
GET     /api/tracking/referrer/<referrer_id>                staff
GET     /api/tracking/why                                   staff
GET     /tracking-dashboard                                 staff
GET     /tracking-dashboard/<slug>                          staff
GET     /tracking-dashboard/referrers/<referrer_id>         staff
GET     /why                                                staff

# saved links
GET     /api/tracking/links                                 staff
POST    /api/tracking/links                                 links:write
GET     /api/tracking/links/<slug>                          staff
PATCH   /api/tracking/links/<slug>                          links:write
GET     /api/tracking/links/<slug>/qr.<kind>                staff
GET     /tracking-admin                                     staff
GET     /tracking-admin/qr.<kind>                           staff
GET     /tracking-admin/slugs                               links:write
GET     /tracking-admin/links                               staff
POST    /tracking-admin/links                               links:write
GET     /tracking-admin/links/<slug>                        staff
POST    /tracking-admin/links/<slug>                        links:write
GET     /tracking-admin/links/<slug>/<_act>                 staff
POST    /tracking-admin/links/<slug>/<act>                  links:write

# shared dashboards
GET     /api/tracking/shares                                staff
POST    /api/tracking/shares                                admin
DELETE  /api/tracking/shares/<share_id>                     admin
GET     /tracking-dashboard/shares                          staff
POST    /tracking-dashboard/shares                          admin
GET     /tracking-dashboard/shares/<share_id>/revoke        staff
POST    /tracking-dashboard/shares/<share_id>/revoke        admin
GET     /share/<token>                                      anyone
GET     /share/<share_id>                                   staff, link

# partners, and their page
GET     /api/tracking/partners                              staff
POST    /api/tracking/partner/create                        partners:write, key:partners:write
POST    /api/tracking/partner/<tracking_id>/invite          partners:write, key:partners:write
POST    /api/tracking/partner/<tracking_id>/restore         partners:write, key:partners:write
POST    /api/tracking/partner/<tracking_id>/revoke          partners:write, key:partners:write
POST    /api/tracking/partner/<tracking_id>/rotate          partners:write, key:partners:write
GET     /tracking-admin/partners                            staff
POST    /tracking-admin/partners                            partners:write
GET     /tracking-admin/partners/<tracking_id>/<_verb>      staff
POST    /tracking-admin/partners/<tracking_id>/invite       partners:write
POST    /tracking-admin/partners/<tracking_id>/restore      partners:write
POST    /tracking-admin/partners/<tracking_id>/revoke       partners:write
POST    /tracking-admin/partners/<tracking_id>/rotate       partners:write
GET     /api/tracking/engagement/<tracking_id>              no ended token
GET     /engagement/<tracking_id>                           anyone
GET     /engagement/<tracking_id>/clicks.csv                anyone
GET     /engagement/<tracking_id>/qr.<kind>                 staff, link

# customers, as staff and host applications see them
GET     /api/customers                                      staff
GET     /api/customers/<customer_id>                        staff, key:customers:write
PUT     /api/customers/<customer_id>                        admin, key:customers:write
POST    /api/customers/<customer_id>/token                  admin, key:customers:token
DELETE  /api/customers/<customer_id>/sessions               admin, key:customers:write, key:customers:token
GET     /api/customers/<customer_id>/points                 staff
POST    /api/customers/<customer_id>/points/reversals       admin
GET     /api/records                                        staff, key:records:write
PUT     /api/records                                        admin, key:records:write
GET     /api/records/<kind>/<record_id>                     staff, key:records:write
PUT     /api/records/<kind>/<record_id>                     admin, key:records:write
DELETE  /api/records/<kind>/<record_id>                     admin, key:records:write
GET     /customers                                          staff
POST    /customers                                          admin
GET     /customers/<customer_id>                            staff
POST    /customers/<customer_id>                            admin
GET     /customers/<customer_id>/sessions/end               staff
POST    /customers/<customer_id>/sessions/end               admin
GET     /customers/<customer_id>/points/reversals           staff
POST    /customers/<customer_id>/points/reversals           admin

# customers themselves
GET     /me                                                 customers
GET     /api/customer/points                                customers
GET     /api/customer/notifications                         customers
POST    /api/customer/notifications/read-all                customers
POST    /api/customer/notifications/<notification_id>/read  owner
POST    /notifications/read-all                             customers
POST    /notifications/<notification_id>/read               customers

# what customers do (reading it: the customer, and staff)
POST    /api/customer/mevents/tracking/interactions         customers(track_interaction), gone
GET     /api/customer/mevents/tracking/engagement/<customer_id>  self(analyze_engagement), staff, gone

# the house
GET     /api/audit                                          admin
GET     /audit                                              admin
GET     /docs                                               anyone
GET     /openapi.json                                       anyone
GET     /robots.txt                                         anyone
GET     /static/<filename>                                  anyone
GET     /healthz                                            anyone
GET     /readyz                                             anyone
GET     /metrics                                            anyone
"""


class Entry(NamedTuple):
    """A route, and the words for who is let in."""

    method: str
    path: str
    who: tuple[str, ...]


def entries() -> list[Entry]:
    """Return the lines of the table."""
    lines = [line.split(maxsplit=2) for line in TABLE.splitlines() if line and not line.startswith("#")]
    return [Entry(method, path, tuple(who.split(", "))) for method, path, who in lines]
