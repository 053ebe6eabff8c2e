"""One form makes one offer, also when two submits of it meet (safety.md ID-6)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection

from paygate import clock
from paygate.backoffice.models import UsedForm
from paygate.backoffice.offers.save import save_once
from paygate.backoffice.tasks import KEPT, forget_used_forms
from paygate.offers.models import Offer
from paygate.tenants.context import within
from tests.make.offers import offer


@pytest.mark.django_db(transaction=True)
def test_two_submits_at_once_make_one_offer(beat):
    form_id, now, ready = uuid4(), clock.now(), Barrier(2)

    def submit(_number):
        try:
            with within(beat.merchant.pk):
                ready.wait(timeout=20)
                return save_once(form_id, lambda: offer(beat.terminal), merchant_id=beat.merchant.pk, now=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(submit, range(2)))

    kept = Offer.objects.get()
    assert {made for made, _was_made_now in answers} == {kept.pk}
    assert sorted(was_made_now for _made, was_made_now in answers) == [False, True]


def test_used_forms_are_forgotten_after_a_week(beat):
    now = clock.now()
    for age in (KEPT - timedelta(minutes=1), KEPT + timedelta(minutes=1)):
        save_once(uuid4(), lambda: offer(beat.terminal), merchant_id=beat.merchant.pk, now=now - age)

    forget_used_forms()

    assert UsedForm.objects.count() == 1
    assert Offer.objects.count() == 2
