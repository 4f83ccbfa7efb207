"""How a check states what it found: one place that fills in the owning agency."""

from lane_controller.lane.evidence import Answered, Evidence
from lane_controller.messages.parts import CheckResult, Reason
from lane_controller.messages.words import Agency, CheckOutcome

Parameters = dict[str, str | int | float | bool | None]


class Verdicts:
    """Builds the results of one check.  `confidential` checks keep passed and failed for second line; that
    they were not performed is no secret."""

    def __init__(self, evidence: Evidence, check: str, source: str, *, confidential: bool = False) -> None:
        self._agency: Agency = next(rule.agency for rule in evidence.rules.checks if rule.check == check)
        self._check = check
        self._source = source
        self._confidential = confidential

    def _result(
        self, outcome: CheckOutcome, code: str, subject: str, source: str, parameters: Parameters
    ) -> CheckResult:
        return CheckResult(
            check=self._check,
            agency=self._agency,
            outcome=outcome,
            reason=Reason(code=code, parameters=parameters),
            source=source or self._source,
            subject=subject,
            confidential=self._confidential and outcome in (CheckOutcome.PASSED, CheckOutcome.FAILED),
        )

    def passed(
        self,
        code: str = "ok",
        subject: str = "",
        *,
        source: str = "",
        **parameters: str | int | float | bool | None,
    ) -> CheckResult:
        return self._result(CheckOutcome.PASSED, code, subject, source, parameters)

    def failed(
        self, code: str, subject: str = "", *, source: str = "", **parameters: str | int | float | bool | None
    ) -> CheckResult:
        return self._result(CheckOutcome.FAILED, code, subject, source, parameters)

    def inconclusive(
        self, code: str, subject: str = "", *, source: str = "", **parameters: str | int | float | bool | None
    ) -> CheckResult:
        return self._result(CheckOutcome.INCONCLUSIVE, code, subject, source, parameters)

    def not_performed(self, answered: Answered, subject: str = "") -> CheckResult:
        """A register that gave no answer: never a pass."""
        reason = answered.reason or Reason(code="no_answer")
        return self._result(CheckOutcome.NOT_PERFORMED, reason.code, subject, "", dict(reason.parameters))
