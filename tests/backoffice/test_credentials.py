"""API credentials in the settings: made and shown once, limited, revoked (safety.md AU-3, AU-6)."""

import re

from paygate.audit.models import AuditLine
from paygate.credentials.models import Credential
from tests.api.program import Program
from tests.backoffice.reading import error_at, words

LIST, NEW = "/backoffice/settings/credentials/", "/backoffice/settings/credentials/new/"


def made(browser, **told):
    """Make one; what the page shows then."""
    return browser.post(NEW, {"description": "Shop", "networks": "", **told})


def test_a_credential_is_made_and_its_password_shown_once(anna):
    browser = anna.confirmed_browser()

    shown = made(browser)

    values = re.findall(r'<input readonly value="([^"]+)"', shown.content.decode())
    credential = Credential.objects.get()
    assert values[0] == credential.user_name
    program = Program(anna.merchant, credential, values[1])
    assert program.rest("GET", "terminals").status == 200
    listed = browser.get(LIST)
    assert values[1] not in listed.content.decode()
    assert "Shop" in words(listed)
    assert values[1] not in str(list(AuditLine.objects.values()))
    assert AuditLine.objects.filter(action="credential made").exists()


def test_it_is_limited_to_addresses_and_nonsense_is_named(anna):
    browser = anna.confirmed_browser()
    refused = made(browser, networks="192.0.2.1\nthe office")

    assert refused.status_code == 422
    assert error_at(refused, "networks") == "This is no address and no range of addresses: the"
    assert not Credential.objects.exists()
    made(browser, networks="192.0.2.1\n2001:db8::/32, 198.51.100.0/24")
    one = Credential.objects.get()
    assert one.networks == ["192.0.2.1/32", "2001:db8::/32", "198.51.100.0/24"]
    browser.post(f"{LIST}{one.pk}/", {"networks": ""})
    one.refresh_from_db()
    assert one.networks == []


def test_a_description_is_wanted(anna):
    assert (
        error_at(made(anna.confirmed_browser(), description=""), "description")
        == "Say which program it is for."
    )


def test_a_revoked_credential_leaves_the_list(anna):
    browser = anna.confirmed_browser()
    made(browser)
    one = Credential.objects.get()

    browser.post(f"{LIST}{one.pk}/revoke")

    one.refresh_from_db()
    assert one.revoked_at is not None
    assert one.user_name not in words(browser.get(LIST))
    assert browser.post(f"{LIST}{one.pk}/revoke").status_code == 404


def test_there_are_ten_at_most(anna):
    browser = anna.confirmed_browser()
    for _each in range(11):
        made(browser)

    assert Credential.objects.count() == 10
    assert "ten credentials already" in words(browser.get(LIST))


def test_only_after_the_second_factor_was_shown_anew(anna, beat):
    """safety.md AU-3; and never by a clerk."""
    assert made(anna.browser()).status_code == 302
    assert made(beat.confirmed_browser()).status_code == 403
    assert not Credential.objects.exists()
