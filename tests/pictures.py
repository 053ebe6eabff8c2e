"""Pictures as a phone sees them: read by another hand than the one that drew them (OpenCV, and PDFium for paper)."""

from io import BytesIO

import cv2
import numpy
import pypdfium2
from PIL import Image


def decoded(picture: Image.Image) -> str:
    """What the QR code in a picture says; empty where none is found.

    OpenCV's newer finder: the old one misses one sharp, upright code in twenty, and a third of the large ones.
    """
    pixels = numpy.asarray(picture.convert("RGB"))
    text, _corners, _code = cv2.QRCodeDetectorAruco().detectAndDecode(pixels)
    return str(text)


def of_png(file: bytes) -> Image.Image:
    """A PNG file as a picture."""
    return Image.open(BytesIO(file))


def of_pdf(file: bytes, *, dots_per_inch: int = 200) -> Image.Image:
    """The first page of a PDF, on white."""
    with pypdfium2.PdfDocument(file) as document:
        page: Image.Image = document[0].render(scale=dots_per_inch / 72).to_pil()
        return page


def words_of_pdf(file: bytes) -> str:
    """What can be read and copied on the first page."""
    with pypdfium2.PdfDocument(file) as document:
        return str(document[0].get_textpage().get_text_range())


def paper_of_pdf(file: bytes) -> tuple[int, int]:
    """Width and height in millimetres, rounded."""
    with pypdfium2.PdfDocument(file) as document:
        width, height = document[0].get_size()
        return round(width / 72 * 25.4), round(height / 72 * 25.4)
