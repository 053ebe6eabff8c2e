"""A payer's bank looks at the payer before a card is stored without a payment (behaviour.md O-6, G-1).

As a payment does it, for no amount: the card is in memory, and in its sealed packet while the payer is away (CD-3).
"""

from datetime import datetime
from typing import Final

from django.conf import settings

from paygate.acquiring.connector import ThreeDSData
from paygate.cards.holding import PacketRefused, hold, open_held
from paygate.cards.number import Card
from paygate.checkout.card_check import CardCheckFailed, NotChecked, contract_of
from paygate.checkout.models import CardPage, CheckKind
from paygate.checkout.never_again import is_blocked
from paygate.checkout.register import end, finish, is_over, may_take, open_page
from paygate.checkout.three_ds import RETURN_PATH, look_up
from paygate.checkout.waiting_card import drop_at
from paygate.money.amount import Money
from paygate.refusals import Refusal
from paygate.threeds.areq import Acceptance, Browser, Told
from paygate.threeds.asking import Frictionless, ask_issuer, final_result
from paygate.threeds.browser import challenge_of, is_too_late
from paygate.threeds.liability import AuthenticationResult, Condition, Decision, decide
from paygate.threeds.models import Authentication
from paygate.threeds.opening import open_authentication, write_question

FAILED: Final = CardCheckFailed.code

# What must come of it: with the stronger check the payer must have been asked.
_CONDITIONS: Final = {
    CheckKind.ONLINE_STRONG: Condition.ATTEMPTED,
    CheckKind.ONLINE_CHALLENGED: Condition.CHALLENGE,
}


def is_strong(page: CardPage) -> bool:
    """Does 3-D Secure come before the card is stored?"""
    return page.check_kind in _CONDITIONS


def begin(
    page: CardPage,
    card: Card,
    *,
    browser: str,
    browser_data: dict[str, str | int | bool | None],
    now: datetime,
) -> str:
    """Ask the card's bank. The packet for the payer's browser where it has to go there; empty where it is all over.

    How it ended stands on the page then. Raises `NoContract`.
    """
    if not may_take(page, card, browser=browser, now=now):
        return ""
    assert page.terminal is not None, "a check is made at a terminal"
    contract, currency = contract_of(card, page.terminal)
    looked = look_up(card, merchant=page.merchant)
    if looked is None or is_blocked(card, page.terminal, now=now):
        return _fail(page, browser=browser, now=now)
    with open_page(page, now=now) as locked:
        if locked is None or locked.authentication_id is not None:
            return ""  # sent twice: the first one goes on
        auth, _question = open_authentication(
            merchant_id=page.merchant_id,
            terminal=page.terminal,
            method=contract.method,
            card=card,
            card_range=looked.card_range,
            amount=Money(0, currency),
            condition=_CONDITIONS[CheckKind(page.check_kind)],
            force_challenge=True,
            now=now,
        )
        CardPage.objects.filter(pk=page.pk).update(authentication=auth, browser=browser)
        drop_at(locked)
    page.authentication, page.browser = auth, browser
    told = Told(
        browser=Browser(**browser_data),  # type: ignore[arg-type]  # as forms.py made it
        acceptance=Acceptance(
            merchant_name=page.merchant.name,
            country=page.merchant.country,
            category=page.terminal.merchant_category,
            acquirer_bin=contract.acquirer_bin,
            acquirer_merchant_id=contract.acquirer_merchant_id,
            requestor_id=f"{page.merchant.customer_id}-{page.terminal.number}",
            requestor_url=settings.PAYGATE_PUBLIC_URL,
        ),
        notification_url=settings.PAYGATE_PUBLIC_URL + RETURN_PATH,
    )
    try:
        outcome = ask_issuer(write_question(auth, card=card, told=told, now=now), now=now)
    except Refusal:  # asked before, or no server: nobody knows more than that it was not confirmed
        return _fail(page, browser=browser, now=now)
    if isinstance(outcome, Frictionless):
        _decide(page, card, outcome.result, now=now)
        return ""
    return _hold(page, card, now=now)


def is_to_go_to_bank(auth: Authentication) -> bool:
    """Does the bank want to see the payer, who is not back yet?"""
    return auth.was_challenged and not is_back(auth)


def is_back(auth: Authentication) -> bool:
    """Did the browser come back, or the result by itself?"""
    return auth.browser_returned_at is not None or auth.result_at is not None


def to_bank(page: CardPage) -> tuple[str, str, str]:
    """Where the browser goes, and what it posts there: address, `creq`, `threeDSSessionData`."""
    assert page.authentication is not None
    return challenge_of(page.authentication)


def go_on(page: CardPage, packet: str, *, now: datetime) -> None:
    """The browser brings its half of the card back, and the result counts as it came from server to server.

    Safe to repeat: the packet opens once.
    """
    auth, held = page.authentication, page.held_card
    if is_over(page, now=now) or auth is None or held is None:
        return
    if is_too_late(auth, now=now) or now >= held.expires_at:
        _fail(page, browser=page.browser, now=now)
        return
    try:
        card = open_held(packet, held, bound_to=_bound_to(page), now=now)
    except PacketRefused:
        held.refresh_from_db()
        if held.opened_at is None:  # the browser lost its half; else another request is at work
            _fail(page, browser=page.browser, now=now)
        return
    _decide(page, card, final_result(auth, now=now), now=now)


def _decide(page: CardPage, card: Card, result: AuthenticationResult, *, now: datetime) -> None:
    auth = page.authentication
    assert auth is not None
    decision = decide(result, auth.method, Condition(auth.condition))
    if not decision.authorize:
        _fail(page, browser=page.browser, now=now)
        return
    told = decision.authentication_type.value if decision.authentication_type else ""
    try:
        finish(page, card, browser=page.browser, proof=_proof(result, decision), type_told=told, now=now)
    except NotChecked as doubt:  # the authentication is spent: another try needs another page
        _fail(page, because=doubt.code, browser=page.browser, now=now)


def _fail(page: CardPage, *, because: str = FAILED, browser: str, now: datetime) -> str:
    with open_page(page, now=now) as locked:
        if locked:
            end(locked, None, because, browser=browser, now=now)
    return ""


def _hold(page: CardPage, card: Card, *, now: datetime) -> str:
    """The half of the card that the payer's browser carries for the next 20 minutes."""
    with open_page(page, now=now) as locked:
        if locked is None:
            return ""
        held = hold(card, merchant_id=page.merchant_id, bound_to=_bound_to(page), now=now)
        CardPage.objects.filter(pk=page.pk).update(held_card=held.key)
    return held.packet


def _bound_to(page: CardPage) -> str:
    return f"card page {page.pk}"


def _proof(result: AuthenticationResult, decision: Decision) -> ThreeDSData:
    return ThreeDSData(
        eci=decision.eci,
        authentication_value=result.value if decision.shift else "",
        ds_trans_id=result.ds_trans_id,
        version=result.version,
        server_trans_id=result.server_trans_id,
        purchase_date=result.purchase_date,
    )
