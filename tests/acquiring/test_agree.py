"""An operator writes down what was agreed with an acquirer, and the terminal takes the method from then on."""

import pytest

from paygate.acquiring.models import Contract
from paygate.operations.cli import main
from paygate.tenants.context import across_tenants
from tests.make.desks import desk

pytestmark = pytest.mark.django_db

TWINT = {
    "method": "TWINT",
    "currencies": "CHF",
    "connector": "simulator",
    "acquirer-merchant-id": "SIM17000011",
}


def agreed(**words: str) -> int:
    """`paygate agree-contract` for TWINT with these words changed."""
    told = {"customer-id": "100001", "terminal": "17000011"} | TWINT
    told |= {name.replace("_", "-"): word for name, word in words.items()}
    with pytest.raises(SystemExit) as ended:
        main(["agree-contract", *(f"--{name}={word}" for name, word in told.items())])
    return int(ended.value.code or 0)


@pytest.fixture(autouse=True)
def hotel():
    return desk(methods=("VISA",))


def contracts() -> list[str]:
    with across_tenants():
        return [f"{one} {one.acquirer_merchant_id}" for one in Contract.objects.order_by("pk")]


def test_a_method_is_agreed_and_said_again_with_other_currencies(capsys):
    assert agreed() == 0
    assert agreed(method="VISA", currencies="CHF, USD") == 0

    assert contracts() == ["VISA CHF, USD SIM17000011", "TWINT CHF SIM17000011"]
    assert "Terminal 17000011 takes TWINT CHF." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"method": "BARTER"}, "BARTER is no method"),
        ({"connector": "first-bank"}, "first-bank is no connector; there are simulator."),
        ({"currencies": "EUR"}, "TWINT is not taken in EUR."),
        ({"method": "VISA", "currencies": "CHF,XYZ"}, "VISA is not taken in XYZ."),
        ({"currencies": ""}, "TWINT is not taken in ."),
        ({"terminal": "17000099"}, "There is no such terminal."),
        ({"customer_id": "100009"}, "There is no such customer."),
    ],
)
def test_what_does_not_exist_is_not_agreed(words, told, capsys):
    before = contracts()

    assert agreed(**words) == 1

    assert told in capsys.readouterr().err
    assert contracts() == before


def test_the_batch_of_a_terminal_goes_to_one_acquirer(capsys):
    """docs/decisions/0009; a wallet that settles at once is in no batch and may be anybody's."""
    assert agreed(method="MASTERCARD", currencies="CHF", acquirer_merchant_id="ELSEWHERE") == 1

    assert "The batch of terminal 17000011 goes to SIM17000011" in capsys.readouterr().err
    assert agreed(method="POSTFINANCEPAY", acquirer_merchant_id="ELSEWHERE") == 0
    assert (
        agreed(method="VISA", currencies="CHF", acquirer_merchant_id="ELSEWHERE") == 0
    )  # the only one moves house


def test_a_live_merchant_has_no_contract_with_the_simulator(hotel, capsys):
    """safety.md TN-7."""
    merchant = hotel.terminal.merchant
    merchant.live = True
    merchant.save()

    assert agreed() == 1
    assert "none with the simulator" in capsys.readouterr().err
