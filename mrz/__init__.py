"""Machine-readable zones of travel documents: lines or a picture in, document data out.

    mrz.parse(lines, reference=today)    -> Document      ICAO Doc 9303-3 to -7 and two national formats
    mrz.format(fields_or_document)       -> lines         a correct zone
    mrz.read(image, reference=today)     -> Reading       a page's picture, through an engine
    mrz.read_frames(images, ...)         -> Reading       several pictures of one page, read together

and `mrz.names` for transliteration and matching of names.  Pure: no clock, no network, no files but the
package's own lists.  Importing it is light; imaging libraries are loaded when the first picture is read.
"""

from mrz.document import REMARKS, CheckDigit, Document, Names, Remark, Status, Text
from mrz.errors import EngineError, ImageError, MrzError
from mrz.layouts import Format
from mrz.parsing import parse
from mrz.reading import BYTES_MAX, Correction, Doubt, Reading, read, read_frames
from mrz.writing import Fields
from mrz.writing import format_lines as format  # the name that users expect: mrz.format(document)

__all__ = [
    "BYTES_MAX",
    "REMARKS",
    "CheckDigit",
    "Correction",
    "Document",
    "Doubt",
    "EngineError",
    "Fields",
    "Format",
    "ImageError",
    "MrzError",
    "Names",
    "Reading",
    "Remark",
    "Status",
    "Text",
    "format",
    "parse",
    "read",
    "read_frames",
]
