"""Every address, in one table: where a path begins, and the room that answers it."""

from flask import Flask

from wihy.accounts import api as accounts_api
from wihy.accounts import customers_api, keys_api, reset_pages, settings_pages, users_api
from wihy.accounts import pages as accounts_pages
from wihy.analytics import api as analytics_api
from wihy.audit import api as audit_api
from wihy.core.limits import limit_customer_api, limit_staff_api
from wihy.customers import records_api
from wihy.dashboard import links_pages as dashboard_links
from wihy.dashboard import pages as dashboard_pages
from wihy.dashboard import shared_dashboard, shares_pages
from wihy.links import api as links_api
from wihy.links import pages as links_pages
from wihy.mevents import api as mevents_api
from wihy.monitoring import api as monitoring_api
from wihy.notifications import api as notifications_api
from wihy.notifications import pages as notifications_pages
from wihy.partners import access_api as partners_access_api
from wihy.partners import api as partners_api
from wihy.partners import pages as partners_pages
from wihy.partners import staff_pages as partners_staff_pages
from wihy.points import api as points_api
from wihy.points import staff_api as points_staff_api
from wihy.shares import api as shares_api
from wihy.tracking import api as tracking_api
from wihy.web import audit_pages, customers_pages, docs, me
from wihy.web import pages as web_pages
from wihy.why import api as why_api
from wihy.why import pages as why_pages

STAFF_API = {
    "/api/auth": accounts_api.routes,
    "/api/users": users_api.routes,
    "/api/keys": keys_api.routes,
    "/api/audit": audit_api.routes,
    "/api/customers": customers_api.routes,
    "/api/customers/<int:customer_id>/points": points_staff_api.routes,
    "/api/records": records_api.routes,
    "/api/tracking": analytics_api.routes,
    "/api/tracking/partner": partners_access_api.routes,
    "/api/tracking/partners": partners_access_api.list_routes,
    "/api/tracking/links": links_api.routes,
    "/api/tracking/why": why_api.routes,
    "/api/tracking/shares": shares_api.routes,
}
CUSTOMER_API = {
    "/api/customer/notifications": notifications_api.routes,
    "/api/customer/mevents/tracking": mevents_api.routes,
    "/api/customer/points": points_api.routes,
}
API = {
    "/api/tracking/capture": tracking_api.routes,
    "/api/tracking/engagement": partners_api.routes,
    "/": monitoring_api.routes,
}
PAGES = (
    accounts_pages.routes,
    reset_pages.routes,
    settings_pages.routes,
    dashboard_pages.routes,
    dashboard_links.routes,
    shares_pages.routes,
    shared_dashboard.routes,
    partners_pages.routes,
    partners_staff_pages.routes,
    links_pages.routes,
    why_pages.routes,
    customers_pages.routes,
    audit_pages.routes,
    me.routes,
    notifications_pages.routes,
    web_pages.routes,
    docs.routes,
)


def register(app: Flask) -> None:
    """Give `app` all its addresses."""
    app.url_map.merge_slashes = False  # its redirects would be built from the Host header
    for prefix, routes in (STAFF_API | CUSTOMER_API | API).items():
        app.register_blueprint(routes, url_prefix=prefix)
    limits = {routes.name: limit_staff_api for routes in STAFF_API.values()}
    limits |= {routes.name: limit_customer_api for routes in CUSTOMER_API.values()}
    for endpoint, view in app.view_functions.items():
        if limit := limits.get(endpoint.split(".")[0]):
            app.view_functions[endpoint] = limit(view)
    for routes in PAGES:
        app.register_blueprint(routes)
