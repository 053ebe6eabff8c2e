"""After whole payments, whatever became of them, no card number and no code is anywhere (safety.md CD-1, CD-14)."""

import logging
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection

from paygate.acquiring.simulator.faults import set_fault
from paygate.cards.number import CardNumber, SecurityCode
from paygate.jobs.interface import run_due
from paygate.jobs.sweep import sweep
from paygate.merchants.models import Booking
from paygate.offers.models import AskEmail
from paygate.operations import cli
from paygate.operations.scan_cards import Finding, scan
from paygate.project.logging import cleaned
from tests.flows.buyer import AMEX, ASKED, DECLINED, MASTERCARD, REFUSED, VISA, Buyer
from tests.make.desks import desk

pytestmark = pytest.mark.django_db(transaction=True)

USED = (VISA, MASTERCARD, AMEX, ASKED, REFUSED, DECLINED, "9030103204160003")
CODE = "0937"  # the test cards take four digits too, and four stand out better than three


class Evidence:
    """Everything that the product wrote, as files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "paygate.log"
        self.numbers = folder.parent / "numbers.txt"
        self.numbers.write_text("\n".join((*USED, CODE)))

    def paths(self) -> list[Path]:
        """The database with its write-ahead log, the simulator's ledger, the mail folder and the log."""
        if connection.vendor == "sqlite":
            return [self.folder, Path(connection.settings_dict["NAME"])]
        dumped = self.folder / "dump.txt"
        dumped.write_bytes(b"\n".join(_every_value()))
        return [self.folder]

    def findings(self) -> list[Finding]:
        return list(scan(self.paths(), numbers_file=str(self.numbers)))


def _every_value() -> list[bytes]:
    """What a dump of the database holds: each value of each row, bytes as they are."""
    values = []
    with connection.cursor() as cursor:
        cursor.execute("SET paygate.tenant = '*'")
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                values += [
                    bytes(value) if isinstance(value, memoryview) else str(value).encode() for value in row
                ]
    return values


@pytest.fixture
def evidence(tmp_path, request):
    folder = tmp_path / "evidence"
    folder.mkdir()
    found = Evidence(folder)
    handler = logging.FileHandler(found.log)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s %(args)s"))
    bare = logging.getLogger()
    level = bare.level
    bare.setLevel(logging.DEBUG)
    bare.addHandler(handler)
    yield found
    bare.removeHandler(handler)
    bare.setLevel(level)


@pytest.fixture(autouse=True)
def _all_in_one_folder(evidence, monkeypatch):
    monkeypatch.setattr(django_settings, "PAYGATE_DATA", evidence.folder)
    monkeypatch.setattr(django_settings, "PAYGATE_SIMULATOR_LEDGER", str(evidence.folder / "ledger.sqlite3"))


def pay(number: str, *, press: str = "approve", hotel: object = None, **terms: object) -> Buyer:
    link = (hotel or desk()).link(**terms)  # type: ignore[attr-defined]  # a desk
    carla = Buyer()
    carla.open(link)
    carla.pay_by_card(number, cc_csc=CODE)
    if carla.step == "challenge":
        carla.to_bank()
        carla.press(press)
    return carla


def test_payments_of_every_end_leave_no_card_behind(evidence, settings):
    """SPG-FLOW-04: card data is entered on the payment page only, and is never part of a letter or of what the
    merchant sees."""
    hotel = desk()
    hotel.prefers(archive_email="archive@alpenblick.example")
    assert pay(VISA, hotel=hotel, booking=Booking.AUTOMATIC, save_means=True).step == "paid"
    assert pay(AMEX, hotel=hotel, language="de").step == "paid"
    assert pay(ASKED, hotel=hotel).step == "paid"
    assert pay(ASKED, press="refuse", hotel=hotel).page.is_declined
    assert pay(ASKED, press="cancel", hotel=hotel).step == "choose"
    assert pay(REFUSED, hotel=hotel).page.is_declined
    assert pay(DECLINED, hotel=hotel).page.is_declined
    assert pay("9030103204160003", hotel=hotel).page.is_declined
    set_fault("AUTH", "drop_after_commit")
    assert pay(MASTERCARD, hotel=hotel).step == "wait"
    set_fault("AUTH", "http_500")
    assert pay(MASTERCARD, hotel=hotel).step == "wait"
    set_fault("AUTH", "refuse_connect")
    assert pay(MASTERCARD, hotel=hotel).step == "choose"
    pay_wrongly(hotel)
    run_due()
    settings.PAYGATE_CLOCK_OFFSET = "5"
    sweep()
    run_due()
    assert len(list((evidence.folder / "mail").glob("*.eml"))) == 2 * 5

    assert evidence.findings() == []
    with pytest.raises(SystemExit) as ended:
        cli.main(["scan-cards", *map(str, evidence.paths()), "--numbers", str(evidence.numbers)])
    assert ended.value.code == 0


def pay_wrongly(hotel) -> None:
    """Mistyped, in the wrong field, in the address, sent to strange doors."""
    link = hotel.link(payer_email="", ask_email=AskEmail.OPTIONAL, address_editable=True)
    carla = Buyer()
    carla.open(link)
    carla.enter_details(email=f"{VISA}@example", given_name="Carla", address_line1=VISA, tel=VISA)
    carla.enter_details(email="", given_name=VISA, family_name="Muster", address_line1="Gasse 1",
                        postal_code="8000", address_level2="Bern")  # fmt: skip
    carla.enter_details(email="", given_name="Carla", family_name="Muster", address_line1="Gasse 1",
                        postal_code="8000", address_level2="Bern", tel="")  # fmt: skip
    form = carla.to_card_form().form("data-pay")
    for typed in (
        {"number": VISA[:-1] + "9", "code": CODE},
        {"number": VISA, "expiry": "01/20", "code": CODE},
        {"number": VISA, "expiry": "12/30", "code": "", "holder": VISA},
        {"number": VISA, "expiry": "12/30", "code": CODE, "form_token": "x"},
        {"number": VISA, "expiry": "12/30", "code": CODE, "attempt_id": VISA},
        {"number": VISA, "expiry": "12/30", "code": CODE, "revision": VISA},
    ):
        carla.send(form, **typed)
    carla.client.get(f"/SecurePayGate/Payment/100001/17000011/{VISA}")
    carla.client.get(f"{link.path}?number={VISA}&code={CODE}")
    carla.client.post(f"/nowhere/{VISA}", {"number": VISA})


@pytest.mark.breaks("INV-14")
def test_the_same_search_finds_what_is_planted_where_the_product_writes(evidence):
    """So that an empty search means something."""
    hotel = desk()
    pay(MASTERCARD, hotel=hotel)
    run_due()
    assert evidence.findings() == []

    logging.getLogger("planted").warning("card %s", MASTERCARD)
    (letter, *_) = (evidence.folder / "mail").glob("*.eml")
    letter.write_bytes(letter.read_bytes() + MASTERCARD[::-1].encode())
    hotel.link(description="x").change(reference=MASTERCARD)

    found = evidence.findings()
    assert {finding.path.name for finding in found} >= {"paygate.log", letter.name}
    assert len({finding.path for finding in found}) >= 3


def test_neither_number_nor_code_prints_itself():
    number, code = CardNumber.parse(VISA), SecurityCode.parse(CODE, None)

    for shown in (str(number), repr(number), f"{number}", str(code), repr(code), f"{[number, code]}"):
        assert VISA not in shown
        assert CODE not in shown


def test_even_a_line_that_holds_a_number_by_mistake_is_cleaned():
    """safety.md LG-2: the last net."""
    for line in (
        f"number={VISA}",
        f"number {' '.join([VISA[:4], VISA[4:8], VISA[8:12], VISA[12:]])}",
        f"cvc={CODE}",
    ):
        assert VISA not in cleaned(line).replace(" ", "")
        assert CODE not in cleaned(line)
