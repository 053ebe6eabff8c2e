"""Files of an offer or a template that a new one begins with: taken over as copies (SPG-BTN-10, SPG-TPL-03, 07, 10)."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from paygate import clock
from paygate.audit.models import AuditLine
from paygate.mail.archive import parts
from paygate.mail.models import Mail
from paygate.merchants.models import TermsFile
from paygate.offers import files as offer_files
from paygate.offers.models import Offer, OfferFile, OfferTemplate
from paygate.offers.tasks import forget_unused_files
from paygate.tenants.context import within
from tests.backoffice.filled import filled
from tests.backoffice.reading import value_of, words
from tests.cast import Person
from tests.mail.made_files import GOOD, portable

NEW, TEMPLATES = "/backoffice/offers/new/", "/backoffice/offers/templates/"
NEW_TEMPLATE, FILES = f"{TEMPLATES}new/", "/backoffice/offers/files/"
BIG = portable(b"x" * 3_000_000)


def upload(name: str = "Plan.pdf", content: bytes = GOOD["Terms.pdf"]) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def sold_with(person: Person, *names: str, **changed: object) -> Offer:
    """An offer with files of these names."""
    uploads = [upload(name) for name in names]
    answer = person.browser().post(NEW, filled(person.terminal, attachments=uploads, **changed))
    assert answer.status_code == 302
    return Offer.objects.latest("created_at")


def template_with(person: Person, *names: str, name: str = "Deposit") -> OfferTemplate:
    """A template with files of these names."""
    uploads = [upload(name) for name in names]
    answer = person.browser().post(
        NEW_TEMPLATE, {**filled(person.terminal, attachments=uploads, payer_email=None), "name": name}
    )
    assert answer.status_code == 302
    return OfferTemplate.objects.get(name=name)


def offered(person: Person, address: str) -> list[str]:
    """The files that a form proposes, as it would send them."""
    html = person.browser().get(address).content.decode()
    return re.findall(r'name="files" value="([^"]+)" checked', html)


def names_of(**owner: object) -> list[str]:
    return [one.name for one in OfferFile.objects.filter(**owner)]


def test_a_copied_offer_has_the_files_too(beat):
    """SPG-BTN-10: each offer has its own, so that taking one away leaves the other whole."""
    first = sold_with(beat, "Plan.pdf", "Menu.pdf")
    proposed = offered(beat, f"{NEW}?copy={first.pk}")

    beat.browser().post(
        NEW, filled(beat.terminal, files=proposed, by_email="on", button="send", reference="other")
    )

    second = Offer.objects.latest("created_at")
    assert names_of(offer=first) == names_of(offer=second) == ["Plan.pdf", "Menu.pdf"]
    assert [file.filename for file in parts(Mail.objects.get()).attachments] == ["Plan.pdf", "Menu.pdf"]
    beat.browser().post(
        f"/backoffice/offers/{second.pk}/edit/", filled(beat.terminal, revision="1", reference="other")
    )
    assert names_of(offer=second) == []
    assert names_of(offer=first) == ["Plan.pdf", "Menu.pdf"]


def test_a_copy_takes_the_files_that_stay_ticked_and_new_ones_beside_them(beat):
    first = sold_with(beat, "Plan.pdf", "Menu.pdf")
    menu = offered(beat, f"{NEW}?copy={first.pk}")[1]

    second = sold_with(beat, "Room.pdf", files=[menu], reference="other")

    assert names_of(offer=second) == ["Menu.pdf", "Room.pdf"]


def test_a_mistake_in_a_copy_loses_none_of_its_files(beat):
    first = sold_with(beat, "Plan.pdf")
    proposed = offered(beat, f"{NEW}?copy={first.pk}")

    page = beat.browser().post(NEW, filled(beat.terminal, files=proposed, amount=""))

    assert page.status_code == 422
    assert f'value="{proposed[0]}" checked' in page.content.decode()
    assert OfferFile.objects.count() == 1


def test_a_double_click_on_a_copy_makes_one_offer_and_one_copy_of_its_files(beat):
    """safety.md ID-6."""
    first = sold_with(beat, "Plan.pdf")
    form = filled(beat.terminal, files=offered(beat, f"{NEW}?copy={first.pk}"), reference="other")

    for _click in range(2):
        beat.browser().post(NEW, form)

    assert Offer.objects.count() == OfferFile.objects.count() == 2


def test_many_files_are_copied_with_as_few_questions_as_one(beat, django_assert_max_num_queries):
    first = sold_with(beat, *(f"{number}.pdf" for number in range(10)))
    browser, proposed = beat.browser(), offered(beat, f"{NEW}?copy={first.pk}")

    with django_assert_max_num_queries(30):
        browser.post(NEW, filled(beat.terminal, files=proposed, reference="other"))

    assert len(names_of(offer=Offer.objects.latest("created_at"))) == 10


def test_copies_count_against_the_5_mb_of_a_letter(beat):
    """SPG-MAI-09: here with the terms of another language, which are larger."""
    TermsFile.objects.create(merchant=beat.merchant, language="fr", name="CGV.pdf", content=BIG)
    beat.browser().post(NEW, filled(beat.terminal, attachments=upload("Plan.pdf", BIG)))
    proposed = offered(beat, f"{NEW}?copy={Offer.objects.get().pk}")

    page = beat.browser().post(NEW, filled(beat.terminal, files=proposed, language="fr", reference="other"))

    assert page.status_code == 422
    assert "5 MB is the most" in words(page)
    assert Offer.objects.count() == 1


def test_copies_count_against_what_a_merchant_may_keep(beat, monkeypatch):
    """safety.md UP-3."""
    first = sold_with(beat, "Plan.pdf")
    proposed = offered(beat, f"{NEW}?copy={first.pk}")
    monkeypatch.setattr(offer_files, "MOST_OF_MERCHANT", len(GOOD["Terms.pdf"]) + 10)

    page = beat.browser().post(NEW, filled(beat.terminal, files=proposed, reference="other"))

    assert "Your files take more than 1 GB together." in words(page)
    assert Offer.objects.count() == 1


def test_what_a_stranger_has_is_not_copied(beat, carla):
    with within(carla.merchant.pk):
        theirs = sold_with(carla, "Secret.pdf")
        file = OfferFile.objects.get(offer=theirs)

    page = beat.browser().post(NEW, filled(beat.terminal, files=[str(file.pk)]))

    assert page.status_code == 422
    assert "A file is no longer here. Choose it again." in words(page)


def test_what_another_form_has_and_nobody_saved_is_not_copied(beat):
    other = beat.browser().post(FILES, {"form_id": str(uuid4()), "attachments": upload()}).json()

    page = beat.browser().post(NEW, filled(beat.terminal, files=[other["files"][0]["id"]]))

    assert "A file is no longer here. Choose it again." in words(page)


def test_a_template_keeps_files_and_gives_them_to_the_offers_made_with_it(beat):
    """SPG-TPL-03, 07, 10."""
    kept = template_with(beat, "Plan.pdf", "Menu.pdf")
    proposed = offered(beat, f"{NEW}?template={kept.pk}")

    first = sold_with(beat, files=proposed, reference="one")
    second = sold_with(beat, files=proposed, reference="two")

    assert names_of(template=kept) == ["Plan.pdf", "Menu.pdf"]
    assert names_of(offer=first) == names_of(offer=second) == ["Plan.pdf", "Menu.pdf"]
    assert AuditLine.objects.get(action="template changed").detail["files"]["new"] == ["Plan.pdf", "Menu.pdf"]


def test_files_of_a_template_are_changed_with_it_and_go_with_it(beat):
    kept = template_with(beat, "Plan.pdf", "Menu.pdf")
    page = f"{TEMPLATES}{kept.pk}/"
    sold = sold_with(beat, files=offered(beat, f"{NEW}?template={kept.pk}"))

    seen = value_of(beat.browser().get(page), "revision")
    sent = filled(beat.terminal, files=offered(beat, page)[:1], payer_email=None, revision=seen)
    beat.browser().post(page, {**sent, "name": "Deposit"})
    assert names_of(template=kept) == ["Plan.pdf"]
    beat.browser().post(f"{page}delete/")

    assert names_of(offer=sold) == names_of() == ["Plan.pdf", "Menu.pdf"]


@pytest.mark.parametrize("like", ["template", "offer"])
def test_a_template_made_like_another_one_or_like_an_offer_has_its_files(beat, like):
    if like == "template":
        address = f"{NEW_TEMPLATE}?copy={template_with(beat, 'Plan.pdf').pk}"
    else:
        address = f"{NEW_TEMPLATE}?offer={sold_with(beat, 'Plan.pdf').pk}"
    form = {**filled(beat.terminal, files=offered(beat, address), payer_email=None), "name": "Another"}

    beat.browser().post(NEW_TEMPLATE, form)

    assert names_of(template=OfferTemplate.objects.get(name="Another")) == ["Plan.pdf"]
    assert OfferFile.objects.count() == 2


def test_a_mistake_in_a_template_loses_no_file(beat):
    form = {**filled(beat.terminal, attachments=upload(), payer_email=None), "name": ""}

    page = beat.browser().post(NEW_TEMPLATE, form)

    assert page.status_code == 422
    assert "Plan.pdf" in words(page)
    beat.browser().post(
        NEW_TEMPLATE, {**form, "attachments": "", "files": str(OfferFile.objects.get().pk), "name": "Deposit"}
    )
    assert names_of(template=OfferTemplate.objects.get()) == ["Plan.pdf"]


def test_a_file_that_may_not_go_out_is_refused_in_a_template_too(beat):
    """SPG-MAI-10."""
    form = {
        **filled(beat.terminal, attachments=upload("run.exe", b"MZ"), payer_email=None),
        "name": "Deposit",
    }

    page = beat.browser().post(NEW_TEMPLATE, form)

    assert page.status_code == 422
    assert "“run.exe”: " in words(page)
    assert not OfferTemplate.objects.exists()


def test_files_of_templates_are_never_unused(beat):
    template_with(beat, "Plan.pdf")
    OfferFile.objects.update(uploaded_at=clock.now() - timedelta(days=400))

    forget_unused_files()

    assert names_of() == ["Plan.pdf"]


def test_copies_say_when_and_by_whom_they_were_uploaded(beat, anna):
    first = sold_with(anna, "Plan.pdf")

    second = sold_with(beat, files=offered(beat, f"{NEW}?copy={first.pk}"), reference="other")

    one, other = OfferFile.objects.get(offer=first), OfferFile.objects.get(offer=second)
    assert isinstance(other.pk, UUID)
    assert other.pk != one.pk
    assert (other.uploaded_at, other.uploaded_by) == (one.uploaded_at, anna.actor.name)
    assert bytes(other.content) == bytes(one.content)
