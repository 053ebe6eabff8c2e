"""QR codes and sheets of paper, read back by another hand: as a phone would (SPG-MUF-24, 25; issue 5, point 8)."""

import re

import pytest
from PIL import Image, ImageDraw

from paygate.backoffice.links.printing import Printed, Sheet, print_link
from paygate.qr import FOR_PRINT, png
from tests.make.links import a_link
from tests.make.money import chf
from tests.pictures import decoded, of_pdf, of_png, paper_of_pdf, words_of_pdf

ADDRESS = "https://pay.alpenblick.example/SecurePayGate/MultiUse/100001/17000011/503a3d7b-072b-400f-9e7e-8ec15191c737"


def address(link) -> str:
    return f"http://localhost:8000/SecurePayGate/MultiUse/100001/17000011/{link.pk}"


def file_of(person, link, name: str):
    response = person.browser().get(f"/backoffice/links/{link.pk}/{name}")
    assert response.status_code == 200
    return response


def test_a_click_on_the_code_downloads_a_png_that_a_phone_can_read(beat):
    """SPG-MUF-24, 25."""
    link = a_link(beat.terminal)
    page = beat.browser().get(f"/backoffice/links/{link.pk}/").content.decode()
    clicked = re.search(r'<a href="([^"]+qr\.png\?download)" download><img', page)
    assert clicked

    response = beat.browser().get(clicked[1])

    assert response["Content-Type"] == "image/png"
    assert response["Content-Disposition"] == f'attachment; filename="payment-link-{link.pk}.png"'
    assert decoded(of_png(response.content)) == address(link)


@pytest.mark.parametrize("scale", [2, 3, 4, 8, 16])
@pytest.mark.parametrize("grey", [False, True])
def test_a_code_is_read_at_every_size_and_in_grey(scale, grey):
    picture = of_png(png(ADDRESS, scale, error=FOR_PRINT))
    if grey:  # as a bad copier makes it: dark grey on light grey
        picture = picture.convert("L").point(lambda level: 70 + level // 2)

    assert decoded(picture) == ADDRESS


@pytest.mark.parametrize("degrees", [3, 90, 180])
def test_a_code_is_read_when_it_hangs_askew(degrees):
    picture = of_png(png(ADDRESS, 8, error=FOR_PRINT)).convert("L")

    assert decoded(picture.rotate(degrees, expand=True, fillcolor=255)) == ADDRESS


def test_a_code_is_read_with_a_logo_in_its_middle():
    """Level H: a square of a fifth of the side is lost, and nothing with it."""
    picture = of_png(png(ADDRESS, 8, error=FOR_PRINT)).convert("RGB")
    middle, half = picture.width // 2, picture.width // 10
    ImageDraw.Draw(picture).rectangle(
        (middle - half, middle - half, middle + half, middle + half), fill="#1f5d40"
    )

    assert decoded(picture) == ADDRESS


def test_the_svg_is_a_drawing_without_script_that_says_the_same(beat):
    link = a_link(beat.terminal)
    response = file_of(beat, link, "qr.svg?download")

    drawing = response.content.decode()
    assert response["Content-Type"] == "image/svg+xml"
    assert response["Content-Disposition"].startswith("attachment")
    assert "<script" not in drawing
    assert decoded(_drawn(drawing)) == address(link)


def _drawn(drawing: str) -> Image.Image:
    """The path of segno's drawing, as a picture: relative moves, and strokes of one module's height."""
    size = int(re.search(r'height="(\d+)"', drawing)[1])  # type: ignore[index]  # it is there, or the test fails
    path = re.search(r'stroke="#000"[^>]* d="([^"]+)"|d="([^"]+)"[^>]* stroke="#000"', drawing)
    assert path
    picture = Image.new("L", (size, size), 255)
    pen, x, y = ImageDraw.Draw(picture), 0.0, 0.0
    for step, numbers in re.findall(r"([Mmh])([-\d. ]+)", path[1] or path[2]):
        values = [float(number) for number in numbers.split()]
        if step == "M":
            x, y = values
        elif step == "m":
            x, y = x + values[0], y + values[1]
        else:
            pen.rectangle((x * 10, (y - 0.5) * 10, (x + values[0]) * 10 - 1, (y + 0.5) * 10 - 1), fill=0)
            x += values[0]
    return picture


@pytest.mark.parametrize(("name", "paper"), [("card.pdf", (105, 148)), ("poster.pdf", (210, 297))])
@pytest.mark.parametrize("dots", [110, 200])
def test_a_sheet_has_title_amount_host_and_a_code_that_is_read(beat, name, paper, dots):
    link = a_link(beat.terminal, description="Spende für das Dach", amount=chf(20), language="de")

    response = file_of(beat, link, name)

    assert response["Content-Type"] == "application/pdf"
    assert paper_of_pdf(response.content) == paper
    said = words_of_pdf(response.content).replace("\u00a0", " ")
    for words in ("Hotel Alpenblick", "Spende für das Dach", "CHF 20.00", "localhost:8000"):
        assert words in said
    assert str(link.pk) in said.replace("\r\n", "")
    for mode in ("RGB", "L"):
        assert decoded(of_pdf(response.content, dots_per_inch=dots).convert(mode)) == address(link)


@pytest.mark.parametrize("name", ["card.pdf", "poster.pdf"])
def test_a_sheet_of_a_test_account_says_so(beat, name):
    said = words_of_pdf(file_of(beat, a_link(beat.terminal, language="de"), name).content)

    assert "TEST – Hier fliesst kein Geld." in said


def test_a_sheet_of_a_live_account_says_nothing_of_tests():
    what = Printed("Hotel", "Dach", "CHF 20.00", "Scannen", ADDRESS)

    assert "TEST" not in words_of_pdf(print_link(what, Sheet.A6))


def test_without_a_fixed_amount_the_sheet_says_that_it_is_the_payers_choice(beat):
    response = file_of(beat, a_link(beat.terminal, language="en"), "card.pdf")

    assert "Amount of your choice" in words_of_pdf(response.content)


@pytest.mark.parametrize("sheet", Sheet)
@pytest.mark.parametrize(
    "title",
    [
        "x",
        "W" * 200,
        "Spendenaktion " * 40,
        "Œuvre de l’église – 50 €",
        "Łódź, Český Krumlov",
        "屋根",
        "",
        "🙏 Danke",
    ],
)
def test_whatever_the_title_the_sheet_can_be_printed_and_read(sheet, title):
    what = Printed("Hotel " * 30, title, "CHF 1’234’567.00", "Mit dem Handy scannen und zahlen", ADDRESS)

    file = print_link(what, sheet)

    assert decoded(of_pdf(file)) == ADDRESS


def test_letters_beyond_western_ones_lose_their_marks_and_signs_without_a_letter_become_question_marks():
    said = words_of_pdf(print_link(Printed("M", "Łódź 屋 Český œ €", "", "", ADDRESS), Sheet.A6))

    assert "Lódz ? Ceský œ €" in said
