"""The child that sets a page on paper: `python -m dashboard.printer` takes a job (JSON) from its standard
input and writes a PDF to its standard output.

It fetches nothing: the pictures come with the job, under the addresses that the HTML names.  It keeps itself
small and lets the dashboard go first.  The same job gives the same bytes.
"""

import base64
import json
import os
import resource
import sys
from collections.abc import Mapping

from PIL import Image
from weasyprint import HTML
from weasyprint.urls import URLFetcher, URLFetcherResponse

BASE = "http://record.invalid"
"""A host that no resolver knows (RFC 6761), before the addresses of the pictures."""
MEMORY_BYTES_MAX = 1024 * 1024 * 1024
"""Address space, most of which are libraries."""
CPU_S_MAX = 60
PICTURE_PIXELS_MAX = 16_000_000
"""A picture that unpacks to more is left out."""


class Given(URLFetcher):
    """Gives the job's pictures and refuses every other address."""

    def __init__(self, pictures: Mapping[str, bytes]) -> None:
        super().__init__(allowed_protocols=())
        self._pictures = pictures

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        content = self._pictures.get(url.removeprefix(BASE))
        if content is None:
            raise ValueError("not one of the job's pictures")
        return URLFetcherResponse(url, content)


def printed(html: str, pictures: Mapping[str, bytes]) -> bytes:
    """The PDF.  `pictures` by the path in their address."""
    Image.MAX_IMAGE_PIXELS = PICTURE_PIXELS_MAX // 2  # Pillow refuses from twice as much
    document = HTML(string=html, base_url=BASE, url_fetcher=Given(pictures))
    made = document.write_pdf(pdf_tags=True)
    assert made is not None
    return made


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S_MAX, CPU_S_MAX))
    os.nice(10)
    job = json.load(sys.stdin.buffer)
    pictures = {address: base64.b64decode(content) for address, content in job["pictures"].items()}
    sys.stdout.buffer.write(printed(job["html"], pictures))


if __name__ == "__main__":
    main()
