"""Terminals, licence, page configurations, access tokens and the list of transactions (behaviour.md S, T)."""

from datetime import timedelta
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest

from paygate import clock
from paygate.api.models import FieldsAccessToken
from paygate.api.payment.containers import wire_time
from paygate.designs.change import Look, save_design
from paygate.journal.capture import capture
from paygate.journal.models import Entry
from paygate.journal.refund import RefundWish, refund
from paygate.merchants.reach import system
from tests.make.books import booking
from tests.make.journal import reservation
from tests.make.money import chf
from tests.make.offers import offer
from tests.make.walk import BY_AMOUNT, GOOD_VISA, pay

TOKENS = "terminals/17000011/fields-access-tokens"


def test_terminals_tell_what_they_take(shop):
    """behaviour.md T-1, T-2: the list, one, and the old address of its methods."""
    (listed,) = shop.rest("GET", "terminals").body["Terminals"]
    one = shop.rest("GET", "terminals/17000011").body
    old = shop.rest("GET", "terminals/17000011/payment-methods").body

    assert listed == one
    assert (one["TerminalId"], one["Type"], one["Description"]) == ("17000011", "SPG", "Hotel Alpenblick")
    taken = {method["PaymentMethod"]: method["Currencies"] for method in one["PaymentMethods"]}
    assert (taken["VISA"], taken["TWINT"]) == (["CHF", "EUR"], ["CHF"])
    assert old["PaymentMethods"] == one["PaymentMethods"]


def test_each_means_of_payment_has_a_picture(shop, client):
    """behaviour.md T-2: anybody's browser may show it."""
    for method in shop.rest("GET", "terminals/17000011").body["PaymentMethods"]:
        address = urlsplit(method["LogoUrl"])
        picture = client.get(address.path)

        assert address.path == f"/api/logos/{method['PaymentMethod']}.svg"
        assert (picture.status_code, picture["Content-Type"]) == (200, "image/svg+xml")
        assert ElementTree.fromstring(picture.content).tag.endswith("svg")  # our own
    assert client.get("/api/logos/NOTHING.svg").status_code == 404


def test_the_licence_and_its_old_address(shop):
    """behaviour.md T-5."""
    told = shop.rest("GET", "license").body

    assert told == shop.rest("GET", "license-configuration").body
    assert {"Id": "MANAGEMENT_API", "DisplayName": "Management API"} in told["Features"]
    assert set(told["Package"]) == {"Id", "DisplayName"}


def test_page_configurations(shop, alpenblick):
    """behaviour.md T-3."""
    assert shop.rest("GET", "payment-page/configurations").body == {"Configurations": []}
    save_design(Look("Summer", "#0b5f6b"), by=system(alpenblick.merchant_id), now=clock.now())

    (told,) = shop.rest("GET", "payment-page/configurations").body["Configurations"]
    assert told["Name"] == "Summer"
    assert told["IsDefault"] in (True, False)


def test_access_tokens_come_and_go(shop, stranger):
    """behaviour.md T-8: bound to terminal and https addresses; once for the same request."""
    wish = {"Description": "Shop", "SourceUrls": ["https://shop.example"]}
    made, again = (shop.rest("POST", TOKENS, wish, HTTP_SAFERPAY_REQUESTID="t") for _each in range(2))
    token = made.body["AccessToken"]

    assert made == again
    assert FieldsAccessToken.objects.count() == 1
    assert (
        stranger.rest("DELETE", f"terminals/17000099/fields-access-tokens/{token}").error == "TOKEN_INVALID"
    )
    assert shop.rest("DELETE", f"{TOKENS}/{token}").status == 200
    assert shop.rest("DELETE", f"{TOKENS}/{token}").error == "TOKEN_INVALID"
    assert shop.rest("DELETE", TOKENS).error == "TOKEN_INVALID"


@pytest.mark.parametrize(
    "urls", [[], ["http://shop.example"], ["shop.example"], ["https://a b"], "https://x"]
)
def test_access_tokens_want_https(shop, urls):
    assert shop.rest("POST", TOKENS, {"Description": "Shop", "SourceUrls": urls}).error == "VALIDATION_FAILED"


class TestTransactions:
    @pytest.fixture(autouse=True)
    def two_days_ago(self, alpenblick):
        """One booked, one reserved, one declined."""
        self.then = clock.now() - timedelta(days=2)
        self.booked = booking(alpenblick, chf(120), now=self.then, reference="B-1")
        self.reserved = reservation(alpenblick, chf(80), now=self.then + timedelta(minutes=1))
        later = self.then + timedelta(minutes=2)
        pay(offer(alpenblick, chf("100.51"), now=later), number=BY_AMOUNT, now=later)
        self.declined = Entry.objects.get(state="DECLINED")
        self.span = {
            "StartDate": f"{self.then - timedelta(days=2):%Y-%m-%d}",
            "EndDate": f"{clock.now() - timedelta(days=1):%Y-%m-%dT%H:%M}",
        }

    def told(self, shop, **query):
        return shop.rest("GET", "transactions", query=self.span | query).body

    def test_what_succeeded(self, shop):
        """behaviour.md S-2 to S-6."""
        told = self.told(shop)

        assert told["TotalTransactions"] == 2
        assert (told["PageNumber"], told["PageSize"]) == (0, 1000)
        first, second = told["Transactions"]
        assert first["TransactionId"] == self.booked.transaction_id
        assert first["MerchantAmount"] == {"Value": "12000", "CurrencyCode": "CHF"}
        assert first["OrderId"] == "B-1"
        details = first["AuthorizationDetails"]
        assert (details["State"], details["IsCaptured"], details["Type"]) == ("CAPTURED", True, "PAYMENT")
        assert details["MaskedCardNumber"] == self.booked.means
        assert second["AuthorizationDetails"]["State"] == "AUTHORIZED"
        assert "FailedDetails" not in first

    def test_what_failed(self, shop):
        (failed,) = self.told(shop, TransactionState="FAILED")["Transactions"]

        assert failed["TransactionId"] == self.declined.transaction_id
        assert failed["FailedDetails"]["DeclinedBy"] == "ACQUIRER"
        assert "AuthorizationDetails" not in failed

    def test_a_refund_is_captured_when_and_by_whom_it_was_booked(self, shop, alpenblick):
        """behaviour.md H-5: later than it was sent, with no word to the acquirer."""
        owner = system(alpenblick.merchant_id)
        sent, booked = self.then + timedelta(hours=1), self.then + timedelta(hours=5)
        wish = RefundWish(chf(20), booked_at_once=False)
        back = refund(self.booked.pk, wish, by=owner, now=sent).entry
        capture(back.pk, by=owner, now=booked)

        told = self.told(shop)["Transactions"][-1]["AuthorizationDetails"]

        assert told["Type"] == "REFUND"
        assert told["CaptureDate"] == told["LastActionDate"] == wire_time(booked)
        assert (told["AuthorizationDate"], told["CapturedBy"]) == (wire_time(sent), "system")

    def test_no_security_code_is_told_where_no_buyer_entered_one(self, shop):
        card = {"Number": GOOD_VISA, "ExpYear": 2034, "ExpMonth": 12}
        amount = {"Value": "500", "CurrencyCode": "CHF"}
        body = {"TerminalId": "17000011", "Payment": {"Amount": amount}, "PaymentMeans": {"Card": card}}
        made = shop.call("Transaction/AuthorizeDirect", body).body["Transaction"]["Id"]
        Entry.objects.filter(transaction_id=made).update(created_at=self.then + timedelta(hours=1))

        first, *_others, last = self.told(shop)["Transactions"]

        assert first["AuthorizationDetails"]["HasCVC"] is True
        assert (last["TransactionId"], last["AuthorizationDetails"]["HasCVC"]) == (made, False)

    def test_page_by_page(self, shop):
        first, second, third = (self.told(shop, PageSize=1, PageNumber=number) for number in (1, 2, 3))

        assert [page["PageNumber"] for page in (first, second, third)] == [0, 1, 2]
        assert [len(page["Transactions"]) for page in (first, second, third)] == [1, 1, 0]
        assert self.told(shop, PageSize=99999)["PageSize"] == 2000

    @pytest.mark.parametrize("number", [0, -5])
    def test_pages_before_the_first_are_the_first(self, shop, number):
        """behaviour.md S-3."""
        assert self.told(shop, PageNumber=number)["PageNumber"] == 0
        assert len(self.told(shop, PageNumber=number)["Transactions"]) == 2

    def test_far_behind_the_last_page_there_is_nothing(self, shop):
        assert self.told(shop, PageNumber=10**30)["Transactions"] == []

    def test_of_all_times(self, shop):
        """The first day there is has none before it in other zones."""
        assert self.told(shop, StartDate="0001-01-01")["TotalTransactions"] == 2

    def test_of_one_terminal(self, shop):
        assert self.told(shop, TerminalId="17000011")["TotalTransactions"] == 2
        assert (
            shop.rest("GET", "transactions", query=self.span | {"TerminalId": "1"}).error
            == "PERMISSION_DENIED"
        )

    def test_never_of_today_nor_of_others(self, shop, stranger):
        late = self.span | {"EndDate": f"{clock.now() + timedelta(days=1):%Y-%m-%d}"}

        assert "EndDate" in shop.rest("GET", "transactions", query=late).details
        assert self.told(stranger)["TotalTransactions"] == 0

    @pytest.mark.parametrize(
        "span", [{"StartDate": "yesterday"}, {"EndDate": "2026-13-01"}, {"StartDate": ""}]
    )
    def test_nonsense_is_named(self, shop, span):
        assert shop.rest("GET", "transactions", query=self.span | span).error == "VALIDATION_FAILED"

    def test_the_same_questions_for_few_and_many(self, shop, alpenblick, django_assert_max_num_queries):
        for number in range(20):
            reservation(alpenblick, chf(10), now=self.then + timedelta(minutes=3 + number))

        with django_assert_max_num_queries(12):
            assert self.told(shop)["TotalTransactions"] == 22
        assert Entry.objects.count() == 23
