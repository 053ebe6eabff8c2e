"""The page that says whether letters from our domain will be trusted."""

from paygate.merchants.models import Preferences
from tests.backoffice.reading import words
from tests.mail.name_server import name_server

PAGE = "/backoffice/settings/secure-paygate/sender/"
DOMAIN = "pay.alpenblick.ch"


def test_what_is_right_and_what_is_missing_is_said_with_the_record_to_add(anna, settings):
    Preferences.objects.update(sender_local="reception")
    settings.PAYGATE_MAIL_DOMAIN = DOMAIN
    known = {DOMAIN: ["v=spf1 mx -all"], "_dmarc.alpenblick.ch": ["v=DMARC1; p=none"]}

    with name_server(known) as settings.PAYGATE_NAME_SERVER:
        page = anna.browser().get(PAGE)

    said, html = words(page), page.content.decode()
    assert f"Your letters come from reception@{DOMAIN}." in said
    assert [part[1:5] for part in html.split("data-verdict=")[1:]] == ["GOOD", "WRON", "WEAK"]
    assert "v=spf1 mx -all" in said
    assert f"paygate._domainkey.{DOMAIN}" in said
    assert 'value="v=DKIM1; k=rsa; p=…"' in html
    assert f'value="v=DMARC1; p=quarantine; rua=mailto:postmaster@{DOMAIN}"' in html


def test_the_demos_domain_is_not_asked_about(anna, settings):
    settings.PAYGATE_NAME_SERVER = "127.0.0.1:9"

    said = words(anna.browser().get(PAGE))

    assert "Letters of paygate.localhost do not leave this machine" in said
    assert "SPF" not in said.split("three records")[1]
