"""Workbooks made by hand, part by part, to hold what no library would write."""

import io
import zipfile
from collections.abc import Mapping

CONTENT_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
WORKBOOK = (
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<workbookPr{date1904}/><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"'
    ' Target="worksheets/sheet1.xml"/>'
    '<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"'
    ' Target="sharedStrings.xml"/>'
    '<Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles"'
    ' Target="/xl/styles.xml"/></Relationships>'
)
STYLES = (
    "<styleSheet><numFmts><numFmt numFmtId='164' formatCode='dd.mm.yyyy hh:mm'/>"
    "<numFmt numFmtId='165' formatCode='\"days\" 0.00 [Red]'/></numFmts>"
    "<cellXfs><xf numFmtId='0'/><xf numFmtId='14'/><xf numFmtId='164'/><xf numFmtId='165'/></cellXfs></styleSheet>"
)
STRINGS = (
    "<sst><si><t>Amount</t></si><si><r><t>Curr</t></r><r><t>ency</t></r><rPh><t>spoken</t></rPh></si>"
    "<si><t>Description</t></si><si><t>Expires</t></si><si><t>CHF</t></si></sst>"
)
HEADER = "".join(f'<c r="{letter}1" t="s"><v>{index}</v></c>' for index, letter in enumerate("ABCD"))


def sheet(*rows: str) -> str:
    """A sheet with the usual header and rows of cells as XML."""
    numbered = "".join(
        f'<row r="{number}">{row}</row>' for number, row in enumerate((HEADER, *rows), start=1)
    )
    return f"<worksheet><sheetData>{numbered}</sheetData></worksheet>"


def made(*rows: str, date1904: str = "", instead: Mapping[str, str | bytes] | None = None) -> bytes:
    """A workbook; `instead` has other parts, and more parts, by their names."""
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": CONTENT_TYPES,
        "xl/workbook.xml": WORKBOOK.replace("{date1904}", date1904),
        "xl/_rels/workbook.xml.rels": RELATIONS,
        "xl/styles.xml": STYLES,
        "xl/sharedStrings.xml": STRINGS,
        "xl/worksheets/sheet1.xml": sheet(*rows),
        **(instead or {}),
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return file.getvalue()
