"""Payment page configurations: made in the settings, worn by payment pages and letters (SPG-SET-25, SPG-DSN)."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from paygate import clock
from paygate.designs.models import Design
from paygate.mail.archive import parts
from paygate.mail.models import Mail
from paygate.offers.models import Offer
from paygate.offers.send import send_offer
from paygate.tenants.context import within
from tests.backoffice.reading import error_at, words
from tests.designs.test_logo import picture
from tests.make.offers import offer

pytestmark = pytest.mark.django_db

NEW = "/backoffice/settings/designs/new"
LIST = "/backoffice/settings/designs/"


def saved(browser: Client, **fields: object):
    """The form of a new configuration, sent with these fields changed."""
    return browser.post(NEW, {"name": "House", "accent": "#7a1f3d", "font": "serif"} | fields)


def design_of(person, name: str = "House") -> Design:
    with within(person.merchant.pk):
        return Design.objects.get(name=name)


def link_to(one: Offer) -> str:
    return f"/SecurePayGate/Payment/{one.merchant.customer_id}/{one.terminal.number}/{one.pk}"


def style_of(page) -> str:
    """The style sheet that a payment page loads besides ours."""
    (address,) = re.findall(r'href="(/SecurePayGate/Design/[^"]+\.css)"', page.content.decode())
    return Client().get(address).content.decode()


def test_the_settings_lead_to_the_payment_page_configuration(anna):
    """SPG-SET-25."""
    page = anna.browser().get("/backoffice/settings/terminals/")

    assert f'href="{LIST}"' in page.content.decode()
    assert "Give them your logo and your colour" in words(anna.browser().get(LIST))


def test_a_new_configuration_is_made_and_the_first_is_the_default(anna):
    """SPG-DSN-03, 04: and another one can be marked instead."""
    browser = anna.browser()

    assert saved(browser, logo=SimpleUploadedFile("logo.png", picture(300, 90))).status_code == 302
    assert saved(browser, name="Winter", accent="#0b5f6b").status_code == 302
    browser.post(f"{LIST}{design_of(anna, 'Winter').pk}/default")

    assert (design_of(anna).logo_width, design_of(anna).logo_height) == (100, 30)
    assert not design_of(anna).is_default
    assert re.search(r"Winter\s+Default", words(browser.get(LIST)))


def test_a_colour_that_cannot_be_read_is_refused_with_the_nearest_that_can(anna):
    page = saved(anna.browser(), accent="#ffcc00")

    assert page.status_code == 422
    nearest = re.search(r"The nearest colour that passes is (#[0-9a-f]{6})", error_at(page, "accent"))
    assert nearest
    assert saved(anna.browser(), accent=nearest[1]).status_code == 302


@pytest.mark.parametrize(
    ("fields", "at", "told"),
    [
        ({"name": ""}, "name", "fill in this field"),
        ({"name": "A\nB"}, "name", "on one line"),
        ({"accent": "red"}, "accent", "A colour is written like #0b5f6b."),
        ({"accent": "#0b5f6b;}"}, "accent", "at most 7 characters"),
        ({"font": "Comic Sans"}, "font", "Choose one"),
        ({"logo": SimpleUploadedFile("logo.svg", b"<svg/>")}, "logo", "no PNG, JPEG or GIF"),
        ({"logo": SimpleUploadedFile("logo.png", b"x" * 6_000_000)}, "logo", "larger than 5 MB"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(anna, fields, at, told):
    page = saved(anna.browser(), **fields)

    assert page.status_code == 422
    assert told in error_at(page, at)
    with within(anna.merchant.pk):
        assert not Design.objects.exists()


def test_two_configurations_have_two_names(anna):
    saved(anna.browser())

    assert "another configuration of this name" in error_at(saved(anna.browser(), name="house "), "name")


def test_payment_pages_wear_the_design_of_their_offer_else_the_default(anna):
    """SPG-FRM-40."""
    saved(anna.browser(), name="Default one", logo=SimpleUploadedFile("logo.gif", picture(30, 30, "GIF")))
    saved(anna.browser(), name="Other", accent="#8a1c1c", font="geometric")
    plain, other = offer(anna.terminal), offer(anna.terminal)
    with within(anna.merchant.pk):
        Offer.objects.filter(pk=other.pk).update(design=design_of(anna, "Other"))

    first, second = Client().get(link_to(plain)), Client().get(link_to(other))

    assert "--accent:#7a1f3d" in style_of(first)
    assert "Charter" in style_of(first)
    (logo,) = re.findall(r'<img src="([^"]+\.png)" alt="" width="10"', first.content.decode())
    assert Client().get(logo)["Content-Type"] == "image/png"
    assert "--accent:#8a1c1c" in style_of(second)
    assert "<img" not in second.content.decode()


def test_letters_wear_the_default_configuration(anna):
    """SPG-DSN-01, 02, 04: colour and logo, the logo as a picture of the letter's own."""
    saved(anna.browser(), logo=SimpleUploadedFile("logo.png", picture(300, 90)))

    send_offer(offer(anna.terminal, payer_email="max@example.org").pk, by=anna.actor, now=clock.now())

    with within(anna.merchant.pk):
        letter = parts(Mail.objects.get(kind="offer"))
    assert "#7a1f3d" in letter.html
    assert 'src="cid:logo"' in letter.html
    assert {picture.content_id for picture in letter.inline} == {"qr", "logo"}


def test_a_configuration_that_offers_wear_is_not_removed(anna):
    saved(anna.browser())
    design = design_of(anna)
    with within(anna.merchant.pk):
        Offer.objects.filter(pk=offer(anna.terminal).pk).update(design=design)

    page = anna.browser().post(f"{LIST}{design.pk}/delete", follow=True)

    assert "cannot be removed" in words(page)
    with within(anna.merchant.pk):
        Offer.objects.update(design=None)
    anna.browser().post(f"{LIST}{design.pk}/delete")
    assert "House" not in words(anna.browser().get(LIST))


def test_the_standard_look_can_be_had_back(anna):
    saved(anna.browser())

    anna.browser().post(f"{LIST}standard")

    assert "/SecurePayGate/Design/" not in Client().get(link_to(offer(anna.terminal))).content.decode()


def test_the_preview_shows_page_and_letter_as_the_form_says(anna):
    browser = anna.browser()
    query = {"accent": "#7a1f3d", "font": "serif"}

    page = browser.get("/backoffice/settings/designs/preview", query, follow=True)
    letter = browser.get("/backoffice/settings/designs/letter", query)

    (sheet,) = re.findall(r'href="(/SecurePayGate/Sample/[^"]+\.css)"', page.content.decode())
    assert "#7a1f3d" in Client().get(sheet).content.decode()
    assert "frame-ancestors 'self'" in page["Content-Security-Policy"]
    assert "#7a1f3d" in letter.content.decode()


@pytest.mark.parametrize(
    "query", [{}, {"accent": "url(x)", "font": "x", "design": "-1"}, {"accent": "#ffff00"}]
)
def test_a_preview_of_nonsense_is_one_of_something_near(anna, query):
    assert anna.browser().get("/backoffice/settings/designs/preview", query, follow=True).status_code == 200
    assert anna.browser().get("/backoffice/settings/designs/letter", query).status_code == 200


def test_designs_of_others_do_not_exist(anna, carla):
    saved(carla.browser(), name="Carla's")
    theirs = design_of(carla, "Carla's")

    assert anna.browser().get(f"{LIST}{theirs.pk}/").status_code == 404
    assert anna.browser().post(f"{LIST}{theirs.pk}/default").status_code == 404
    assert anna.browser().post(f"{LIST}{theirs.pk}/delete").status_code == 404
    asset = f"/SecurePayGate/Design/{anna.merchant.customer_id}/{theirs.pk}/1.css"
    unknown = f"/SecurePayGate/Design/{anna.merchant.customer_id}/999999/1.css"
    assert Client().get(asset).status_code == Client().get(unknown).status_code == 404
    assert "Carla" not in words(anna.browser().get(LIST))


def test_each_method_of_a_terminal_is_shown_with_currencies_booking_and_3d_secure(anna):
    """SPG-FRM-22: capture behaviour and 3-D Secure per method."""
    page = words(anna.browser().get(f"/backoffice/settings/terminals/{anna.terminal.number}/"))

    assert re.search(r"Currencies\s+Needs booking\s+3-D Secure", page)
    assert re.search(r"Visa\s+CHF, EUR\s+yes\s+yes", page)
