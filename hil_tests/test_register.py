"""What a register promises (drivers/registers).  `kinds` of its table lists what it can be asked."""

from typing import Any

from drivers.registers import KINDS, Register, RegisterAnswer
from hil_tests.asking import opened
from hil_tests.bench import BenchDevice

ROLE = "register"
QUESTIONS: dict[str, dict[str, Any]] = {
    "booking": {"plate": "000AAA00"},
    "watchlist_person": {
        "number": "X00000000",
        "issuer": "UTO",
        "surname": "NOBODY",
        "given_names": "AT ALL",
        "birth_date": "1900-01-01",
    },
    "watchlist_plate": {"plate": "000AAA00"},
    "lost_documents": {"number": "X00000000", "issuer": "UTO", "type": "P"},
    "declaration": {"plate": "000AAA00"},
    "draw": {"lane": "bench", "passage": 1},
}


def test_a_question_is_known_for_every_kind() -> None:
    assert set(QUESTIONS) == set(KINDS)


async def test_an_unknown_traveller_gets_an_empty_answer_not_an_error(device_under_test: BenchDevice) -> None:
    async with opened(device_under_test, Register) as register:
        for kind in device_under_test.expect.get("kinds", ()):
            answer = await register.ask(kind, QUESTIONS[kind])
            assert isinstance(answer, RegisterAnswer)
            assert answer.as_of
            assert len(answer.hits) == (1 if kind == "draw" else 0)
