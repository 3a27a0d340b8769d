"""The demo's customers: one of them can sign in, and all have something kept for them, and points."""

from flask import Flask

from tests.mevents.stage import ENGAGEMENT
from wihy.customers.queries import list_customers, list_records
from wihy.demo import access
from wihy.points.queries import balance_of, find_differences


def test_a_customer_s_way_in_works_and_shows_records(app: Flask) -> None:
    for _ in range(2):
        with app.app_context():
            access.ensure_people()
    with app.app_context():
        (way,) = [way for way in access.ways_in() if way.who == "customer"]
        customers = list_customers(limit=200).customers
        assert {customer.active for customer in customers} == {True, False}
        assert all(list_records(limit=4, customer_id=customer.id).records for customer in customers)
    email, password = way.typed.split()
    browser = app.test_client()
    assert browser.post("/api/auth/login", json={"email": email, "password": password}).status_code == 200
    page = browser.get("/me").text
    assert "Kenyatta Avenue" in page
    assert "Notifications, 2 unread" in page
    assert "shughuli 28 katika matukio 2" in page
    assert "the table by the window" in page
    token = browser.post("/api/auth/login", json={"email": email, "password": password}).json["token"]
    answer = browser.get(f"{ENGAGEMENT}/7", headers={"Authorization": f"Bearer {token}"})
    assert answer.json["data"]["metrics"]["totalInteractions"] == 28
    assert "160 points" in page


def test_every_customer_has_points_that_add_up(app: Flask) -> None:
    with app.app_context():
        access.ensure_people()
        assert find_differences() == []
        for customer in list_customers(limit=200).customers:
            assert balance_of(customer.id).points > 0
