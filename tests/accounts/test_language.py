"""The pages of an account speak the language of their person, as the back office does (contract 5)."""

import pytest

from paygate.accounts.models import User


@pytest.mark.parametrize("page", ["/account/2fa/", "/account/logout/", "/account/password/change/"])
def test_the_pages_of_an_account_are_in_the_language_of_its_person(page, beat):
    User.objects.filter(pk=beat.member.user_id).update(language="de")

    response = beat.browser().get(page, HTTP_ACCEPT_LANGUAGE="en")

    if response.status_code == 302:  # confirm first that it is you
        response = beat.browser().get(response.url, HTTP_ACCEPT_LANGUAGE="en")
    assert '<html lang="de"' in response.content.decode()


def test_who_is_not_signed_in_reads_the_language_of_the_browser(client, db):
    assert '<html lang="fr"' in client.get("/account/login/", HTTP_ACCEPT_LANGUAGE="fr").content.decode()
