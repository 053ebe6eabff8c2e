"""The last four passwords are not chosen again (safety.md AU-1)."""

from django.urls import reverse

from paygate.accounts.models import UsedPassword
from tests.backoffice.reading import words

FIRST = "correct horse battery"


def change(browser, old, new):
    passwords = {"oldpassword": old, "password1": new, "password2": new}
    return browser.post(reverse("account_change_password"), passwords)


def test_the_last_four_are_refused_and_the_one_before_is_not(anna, settings):
    settings.ACCOUNT_RATE_LIMITS = {"change_password": False}
    browser = anna.browser()
    assert "used this password before" in words(change(browser, FIRST, FIRST))
    one, two, three, four = [f"the new password {number}" for number in range(4)]
    for old, new in ((FIRST, one), (one, two), (two, three)):
        assert change(browser, old, new).status_code == 302

    assert "used this password before" in words(change(browser, three, FIRST))
    assert change(browser, three, four).status_code == 302
    assert change(browser, four, FIRST).status_code == 302

    assert UsedPassword.objects.filter(user=anna.user).count() == 4
    assert FIRST not in str(list(UsedPassword.objects.values_list("hash", flat=True)))
