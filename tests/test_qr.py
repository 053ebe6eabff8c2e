"""A QR code is a picture of a link."""

from xml.etree import ElementTree

from paygate.qr import png, svg

LINK = "http://localhost:8000/SecurePayGate/Payment/100001/17000011/503a3d7b-072b-400f-9e7e-8ec15191c737"


def test_the_same_link_gives_the_same_picture() -> None:
    assert svg(LINK) == svg(LINK)
    assert png(LINK) == png(LINK)
    assert svg(LINK) != svg(LINK + "?")


def test_a_png_is_a_png_and_grows_with_its_scale() -> None:
    small, large = png(LINK, scale=2), png(LINK, scale=8)

    assert small.startswith(b"\x89PNG\r\n\x1a\n")
    assert [int.from_bytes(picture[16:20], "big") for picture in (small, large)] == [2 * 49, 8 * 49]


def test_an_svg_stands_in_a_page_without_script_or_style() -> None:
    drawing = svg(LINK, scale=3)

    assert ElementTree.fromstring(drawing).tag == "svg"
    assert "style=" not in drawing
    assert "<script" not in drawing
    assert LINK not in drawing


def test_the_text_cannot_leave_the_picture() -> None:
    assert "<b>" not in svg("<b>&\"'")
