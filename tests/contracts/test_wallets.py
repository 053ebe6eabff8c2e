"""What a connector with wallets must satisfy: the payer goes to the wallet, and may let it be charged later."""

from typing import Any

import pytest
from django.conf import settings

from paygate.acquiring.connector import (
    Approved,
    Connector,
    Declined,
    Elsewhere,
    Operation,
    TerminalRef,
    Unknown,
)
from paygate.acquiring.simulator import acquirer
from paygate.acquiring.simulator.faults import set_fault
from tests.acquiring.requests import (
    LOST,
    TERMINAL,
    WRONG,
    authorize,
    chf,
    inquire,
    register,
    today,
    twint,
)


class TestAWallet:
    def test_sends_the_payer_elsewhere_and_stays_open(self, connector):
        asked = twint()

        answer = connector.authorize(asked)

        assert isinstance(answer, Elsewhere)
        assert answer.url == f"{settings.PAYGATE_SIMULATOR_URL}/simulator/wallet/{answer.reference}"
        assert connector.inquire(inquire(asked)) == answer


class TestARegistrationOfAWallet:
    def test_sends_the_payer_elsewhere_and_moves_nothing(self, connector):
        asked = register()

        answer = connector.register(asked)

        assert isinstance(answer, Elsewhere)
        assert connector.register(asked) == connector.inquire(inquire(asked)) == answer
        assert connector.list_day(TERMINAL, today()) == ()

    def test_of_an_agreed_wallet_tells_what_to_charge_until_when(self, connector):
        twint_token, until = agreed(connector, "TWINT")
        other_token, never = agreed(connector, "POSTFINANCEPAY")

        assert twint_token != other_token
        assert (until is not None, never) == (True, None)

    @pytest.mark.parametrize("method", ["TWINT", "POSTFINANCEPAY"])
    def test_lets_the_wallet_be_charged_without_its_payer(self, connector, method):
        token, _until = agreed(connector, method)

        answer = connector.authorize(authorize(None, chf(990), method=method, wallet_token=token))

        assert isinstance(answer, Approved)
        assert answer.amount == chf(990)

    def test_lets_nobody_else_and_no_other_wallet_be_charged(self, connector):
        token, _until = agreed(connector, "TWINT")
        foreign = TerminalRef(number="17795279", merchant_id="MID-2")
        wrong = (
            {"method": "POSTFINANCEPAY", "wallet_token": token},
            {"method": "TWINT", "wallet_token": "nobodys"},
            {"method": "TWINT", "wallet_token": token, "terminal": foreign},
        )

        for facts in wrong:
            assert isinstance(connector.authorize(authorize(None, **facts)), Declined)

    def test_says_no_where_the_payer_does(self, connector):
        asked = register()
        decide(connector.register(asked), "refuse")

        assert isinstance(connector.inquire(inquire(asked)), Declined)

    @pytest.mark.parametrize("mode", LOST + WRONG)
    def test_that_is_not_answered_is_neither_yes_nor_no(self, connector, mode):
        asked = register()
        set_fault(Operation.REGISTER, mode)

        assert isinstance(connector.register(asked), Unknown)

    def test_comes_with_a_payment_where_that_is_wished(self, connector):
        asked, plain = twint(keeps_wallet=True), twint()
        for one in (asked, plain):
            decide(connector.authorize(one), "approve")
        paid, without = connector.inquire(inquire(asked)), connector.inquire(inquire(plain))

        assert isinstance(paid, Approved)
        assert isinstance(without, Approved)
        assert (bool(paid.wallet_token), without.wallet_token) == (True, "")
        again = connector.authorize(authorize(None, method="TWINT", wallet_token=paid.wallet_token))
        assert isinstance(again, Approved)


def decide(answer: Any, choice: str) -> None:
    """The payer at the wallet's page."""
    acquirer.choose(answer.reference, choice)


def agreed(connector: Connector, method: str) -> Any:
    """What a payer agreed to: the token, and until when it is good."""
    asked = register(method)
    decide(connector.register(asked), "approve")
    answer = connector.inquire(inquire(asked))
    assert isinstance(answer, Approved)
    assert answer.wallet_token
    return answer.wallet_token, answer.wallet_until
