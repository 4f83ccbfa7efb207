"""The checks, one file each, its source in the docstring.

A check is a module with

    NAME                                           its name in configuration, events and pages
    questions(evidence) -> tuple[Question, ...]    what it needs a register to answer, as far as known now
    conclude(evidence) -> tuple[CheckResult, ...]  one result a subject; () while evidence is still missing

Both are pure.  `CHECKS` is the table of all; a lane's rules name those it requires.
"""

from lane_controller.lane.checks.registry import ALWAYS_REFER, CHECKS, Check, conclude_all, questions_of

__all__ = ["ALWAYS_REFER", "CHECKS", "Check", "conclude_all", "questions_of"]
