"""QR codes of addresses, as pictures."""

from io import BytesIO
from typing import Literal

import segno
from segno.encoder import DataOverflowError

Kind = Literal["svg", "png"]
MIMETYPES: dict[Kind, str] = {"svg": "image/svg+xml", "png": "image/png"}
SCALES: dict[Kind, int] = {"svg": 8, "png": 16}  # pixels a module; a PNG is made to be printed
QUIET_MODULES = 4  # what the standard asks for around the code (ISO/IEC 18004)


def qr_picture(text: str, kind: Kind) -> bytes:
    """Return the code of `text`, black on white, with its quiet zone; raises `ValueError` where it is too long."""
    try:
        code = segno.make_qr(text, error="m")
    except DataOverflowError:
        raise ValueError("too long for a QR code: save it as a short link") from None
    picture = BytesIO()
    code.save(picture, kind=kind, scale=SCALES[kind], border=QUIET_MODULES, dark="#000", light="#fff")
    return picture.getvalue()
