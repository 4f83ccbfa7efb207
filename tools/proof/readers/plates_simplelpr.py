"""SimpleLPR in its trial of 60 days: the countries of the region that it knows, and Europe's; one thread.

It has none of TJ, CN, IR, AF, AM and MN.  Of a candidate's texts the library's first one is taken: on
photographs that is right more often than the one with the highest confidence.
"""

# pyright: basic, reportMissingImports=false
# (in the peer's own environment)

from typing import Any

import simplelpr

REGION = (
    "Azerbaijan", "Belarus", "Georgia", "Kazakhstan", "Kyrgyzstan", "Russia", "Turkey", "Turkmenistan",
    "Ukraine", "Uzbekistan",
)  # fmt: skip
EUROPE = ("Bulgaria", "Germany", "Latvia", "Lithuania", "Netherlands", "Poland", "Romania")
EUROPE_CODES = ("BG", "DE", "LV", "LT", "NL", "PL", "RO")


def reader() -> Any:
    limits = simplelpr.EngineSetupParms()
    limits.maxConcurrentImageProcessingOps = 1
    engine = simplelpr.SimpleLPR(limits)
    for number in range(engine.numSupportedCountries):
        engine.set_countryWeight(number, float(engine.get_countryCode(number) in (*REGION, *EUROPE)))
    engine.realizeCountryWeights()
    processor = engine.createProcessor()
    processor.plateRegionDetectionEnabled = True
    processor.cropToPlateRegionEnabled = True

    def read(path: str) -> dict[str, Any]:
        plates: list[dict[str, Any]] = []
        places: list[list[int]] = []
        for candidate in processor.analyze(path):
            box = candidate.boundingBox
            edges = [box.left, box.top, box.left + box.width, box.top + box.height]
            if not candidate.matches:
                places.append(edges)
                continue
            first = candidate.matches[0]
            plates.append(
                {
                    "text": "".join(part for part in first.text.upper() if part.isalnum()),
                    "country": "EU" if first.countryISO in EUROPE_CODES else first.countryISO or None,
                    "confidence": first.confidence,
                    "box": edges,
                }
            )
        return {"plates": plates, "refused": places}

    return read
