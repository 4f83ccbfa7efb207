"""How few APDUs a reading takes, and the measurement of readings with one round."""

import pytest
from measures.chip_reading import FIGURES, NAMES, RATIO_MAX, measured
from measures.rigs.chip_documents import LE, WAYS, Way, least_apdus, specimen

from simulators.card.pcscd import PCSCD, VPCD
from simulators.card.personalisation import EF_SOD
from tests.chip.meeting import Meeting


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_a_reading_takes_few_apdus_more_than_it_must(way: Way) -> None:
    meeting = Meeting(specimen(way.name))
    reading = meeting.reader().run()
    least = least_apdus(way, meeting.personalisation.files)
    assert least <= reading.apdus <= RATIO_MAX * least


def test_the_least_grows_by_one_for_each_answer_that_a_file_is_longer() -> None:
    (way, *_) = WAYS
    files = dict(specimen(way.name).chip.files)
    before = least_apdus(way, files)
    files[EF_SOD] += bytes(LE)
    assert least_apdus(way, files) == before + 1


@pytest.mark.long
@pytest.mark.skipif(not (PCSCD.exists() and VPCD.exists()), reason="apt install pcscd vsmartcard-vpcd")
async def test_every_figure_of_a_way_is_measured() -> None:
    way = WAYS[-1]
    figures = await measured([way], 1, 1)
    assert [figure.name for figure in figures] == [f"chip-{way.name}-{figure}" for figure in FIGURES]
    assert {figure.name for figure in figures} <= set(NAMES)
    by_name = {figure.name.rpartition("-")[2]: figure for figure in figures}
    assert by_name["apdus"].passed
    floor_s = float(by_name["delayed"].beside.split()[3])
    assert by_name["delayed"].value >= floor_s > 0
