"""Files of each kind that may be attached, made here: good ones, and ones with something in them."""

import struct
import zipfile
import zlib
from io import BytesIO
from itertools import pairwise
from typing import Any

from PIL import Image

CONTENT_TYPES = (
    b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
)
_SECTOR = 512


def picture(kind: str, size: tuple[int, int] = (12, 8), **options: Any) -> bytes:
    """A small picture."""
    out = BytesIO()
    Image.new("RGB", size, "#0b5f6b").save(out, format=kind, **options)
    return out.getvalue()


def portable(*objects: bytes, end: bytes = b"%%EOF\n") -> bytes:
    """A PDF of these objects."""
    body = b"%PDF-1.7\n" + b"".join(
        b"%d 0 obj\n%s\nendobj\n" % (at, one) for at, one in enumerate(objects, 1)
    )
    return body + b"trailer << /Root 1 0 R >>\nstartxref\n0\n" + end


def packed_objects(inside: bytes) -> bytes:
    """Objects of a PDF in a packed stream, where a plain search does not see them."""
    return b"<< /Type /ObjStm /Filter /FlateDecode >>\nstream\n" + zlib.compress(inside) + b"\nendstream"


def document(more: dict[str, bytes] | None = None, folder: str = "word") -> bytes:
    """A .docx or .xlsx, with more parts."""
    main = {"word": "word/document.xml", "xl": "xl/workbook.xml"}[folder]
    parts = {"[Content_Types].xml": CONTENT_TYPES, "_rels/.rels": relationships(), main: b"<document/>"}
    return archive(parts | (more or {}))


def archive(parts: dict[str, bytes]) -> bytes:
    """A ZIP file."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in parts.items():
            package.writestr(name, part)
    return out.getvalue()


def relationships(kind: str = "", target: str = "", before: str = "") -> bytes:
    """What a part of a document points to outside."""
    one = (
        f'<Relationship Id="r" Type="http://x/{kind}" TargetMode="External" Target="{target}"/>'
        if kind
        else ""
    )
    return f'<?xml version="1.0"?>{before}<Relationships>{one}</Relationships>'.encode()


def compound(streams: dict[str, bytes]) -> bytes:
    """An old Office file (a compound file) with these streams; `Folder/Name` lies in a storage."""
    names: list[tuple[str, int, bytes]] = [("Root Entry", 5, b"")]
    for name in {name.split("/")[0] for name in streams if "/" in name}:
        names.append((name, 1, b""))
    for name, data in streams.items():
        names.append((name, 2, data.ljust(4096, b"\0")))
    tree = _tree([name for name, _kind, _data in names])
    directory_sectors = -(-len(names) // 4)
    at, sectors, fat = 1 + directory_sectors, b"", [0xFFFFFFFD, *_chain(1, directory_sectors)]
    entries = b""
    for index, (name, kind, data) in enumerate(names):
        first = at if data else 0xFFFFFFFE
        length = -(-len(data) // _SECTOR)
        fat += _chain(at, length)
        at += length
        sectors += data.ljust(length * _SECTOR, b"\0")
        spelled = (name.split("/")[-1] + "\0").encode("utf-16-le")
        entries += spelled.ljust(64, b"\0") + struct.pack("<HBB", len(spelled), kind, 1)
        entries += struct.pack("<iii", *tree[index]) + bytes(36) + struct.pack("<IQ", first, len(data))
    assert len(fat) <= 128, "one sector of the table is enough for tests"
    table = struct.pack("<128I", *fat, *[0xFFFFFFFF] * (128 - len(fat)))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    header += bytes(10) + struct.pack("<IIIIIIIII", 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)
    header += struct.pack("<108I", *[0xFFFFFFFF] * 108)
    return header + table + entries.ljust(directory_sectors * _SECTOR, b"\0") + sectors


def _chain(first: int, length: int) -> list[int]:
    return [*range(first + 1, first + length), 0xFFFFFFFE] if length else []


def _tree(names: list[str]) -> list[tuple[int, int, int]]:
    """Left, right and child of each entry: brothers hang in a line to the right."""
    links = [[-1, -1, -1] for _ in names]
    for parent, name in enumerate(names):
        prefix = "" if parent == 0 else f"{name}/"
        children = [
            index
            for index, other in enumerate(names)
            if index and other.startswith(prefix) and "/" not in other[len(prefix) :] and other != name
        ]
        children.sort(key=lambda index: (len(names[index].split("/")[-1]), names[index].upper()))
        if children and (parent == 0 or prefix.strip("/") in names):
            links[parent][2] = children[0]
            for one, following in pairwise(children):
                links[one][1] = following
    return [(left, right, child) for left, right, child in links]


def old_text(body: bytes = b"", *, locked: bool = False, more: dict[str, bytes] | None = None) -> bytes:
    """A .doc."""
    start = bytes([0xEC, 0xA5]) + bytes(9) + bytes([1 if locked else 0])
    return compound({"WordDocument": start + body, "1Table": b"", **(more or {})})


def old_table(*records: tuple[int, bytes], more: dict[str, bytes] | None = None) -> bytes:
    """A .xls."""
    written = ((0x809, bytes(16)), *records)
    body = b"".join(struct.pack("<HH", kind, len(data)) + data for kind, data in written)
    return compound({"Workbook": body, **(more or {})})


GOOD = {
    "Plan.doc": old_text(b"A room with a view"),
    "Plan.docx": document(),
    "Prices.xls": old_table((0x85, bytes(6))),
    "Prices.xlsx": document(folder="xl"),
    "Terms.pdf": portable(b"<< /Type /Catalog >>", packed_objects(b"<< /Type /Page >>")),
    "Room.jpg": picture("JPEG"),
    "Room.gif": picture("GIF"),
    "Room.png": picture("PNG"),
}
