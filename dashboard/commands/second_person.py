"""The second person of a command whose kind needs two: another account, entitled itself, that confirms with
name and password at the first one's work place.

The lane has the last word (it refuses the same person twice and a role that may not); what is refused here
never leaves the dashboard.
"""

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from dashboard.users.sessions import Session
from dashboard.users.sign_in import SignIn, SignInRefused
from lane_controller.messages.parts import Person, Reason
from lane_controller.messages.rights import COMMAND_ROLES
from lane_controller.messages.words import CommandKind


class Second(BaseModel):
    """Who stands by the command."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(max_length=64)
    password: SecretStr = Field(max_length=1000)


class SecondRefused(Exception):
    """The argument is the reason why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.code)
        self.reason = reason


async def confirmed(sign_in: SignIn, session: Session, kind: CommandKind, second: Second | None) -> Person:
    """The second person, who is who he says and may.  Raises SecondRefused."""
    if second is None or not second.name.strip():
        raise SecondRefused(Reason(code="needs_second_person"))
    if second.name.strip().lower() == session.user.name:
        raise SecondRefused(Reason(code="second_person_is_the_same"))
    found = await sign_in.check(
        second.name, second.password.get_secret_value(), session.workplace, beside=session.user.name
    )
    if isinstance(found, SignInRefused):
        wait: dict[str, str | int | float | bool | None] = {"seconds": round(found.wait_s) + 1}
        raise SecondRefused(Reason(code=found.code, parameters=wait if found.code == "throttled" else {}))
    if found.role not in COMMAND_ROLES[kind]:
        raise SecondRefused(Reason(code="second_person_may_not"))
    return Person(operator=found.name, role=found.role, agency=found.agency, workplace=session.workplace)
