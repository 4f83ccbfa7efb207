"""The reference of simulated travel documents: a document file's keys, the profiles, the attacks."""

import inspect
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from typing import Any, get_args, get_type_hints

from pydantic import BaseModel

from simulators.card import profiles
from simulators.card.attacks import attacks
from simulators.card.behaviour import Behaviour
from simulators.card.document import Document
from simulators.card.faults import Fault, FaultName

_HEAD = """\
# Simulated travel documents

A document file is TOML; every key but the surname, the birth date and the number has a default.
A profile is such a file without holder and number; `simulators/card/profiles/` has them. How to use them:
[simulators](../simulators.md).
"""


def specimen_reference() -> str:
    """The page."""
    return "\n".join([_HEAD, *_tables(), *_profiles(), *_attacks()])


def _tables() -> list[str]:
    lines = ["## Keys\n"]
    hints = get_type_hints(Document)
    for name, field in Document.model_fields.items():
        model = _model(hints[name])
        if model is None:
            lines.append(f"- `{name}` = {_shown(field.get_default(call_default_factory=True))}")
            continue
        many = "tuple" in str(hints[name])
        lines += [f"\n### {'[[' if many else '['}{name}{']]' if many else ']'}\n", _said(model) + "\n"]
        lines += _keys(model)
    names = ", ".join(f"`{name.value}`" for name in FaultName)
    return [*lines, f"\nNames of faults: {names}; `simulators/card/steps.py` names the steps.\n"]


def _model(hint: Any) -> type[Any] | None:
    for part in (hint, *get_args(hint)):
        if isinstance(part, type) and (issubclass(part, BaseModel) or is_dataclass(part)):
            return part
    return None


def _keys(model: type[Any], under: str = "") -> list[str]:
    lines: list[str] = []
    for name, hint in get_type_hints(model).items():
        if name.startswith("__") or name == "model_config":
            continue
        below = _model(hint)
        if below is not None and below not in (Behaviour, Fault):
            lines += [f"- `{under}{name}`: a table. {_said(below)}", *_keys(below, f"{under}{name}.")]
            continue
        default, about = _default(model, name)
        lines.append(f"- `{under}{name}`{default}{about}")
    return lines


def _default(model: type[Any], name: str) -> tuple[str, str]:
    if issubclass(model, BaseModel):
        field = model.model_fields[name]
        value = MISSING if field.is_required() else field.get_default(call_default_factory=True)
        about = f": {field.description}" if field.description else ""
    else:
        value = next(field.default for field in fields(model) if field.name == name)
        about = ""
    return (" (must be given)" if value is MISSING else f" = {_shown(value)}"), about


def _shown(value: object) -> str:
    match value:
        case None:
            return "(none)"
        case bool():
            return f"`{str(value).lower()}`"
        case Enum():
            return f'`"{value.value}"`'
        case bytes():
            return f'`"{value.hex().upper()}"`'
        case str():
            return f'`"{value}"`'
        case int() if value > 0x6000:
            return f"`0x{value:04X}`"
        case tuple() | frozenset():
            return f"`[{', '.join(_shown(part).strip('`') for part in sorted(value, key=str))}]`"
        case _:
            return f"`{value}`"


def _said(model: type[Any]) -> str:
    return " ".join(inspect.cleandoc(model.__doc__ or "").split())


def _profiles() -> list[str]:
    lines = ["## Profiles\n", "| profile | what it is |", "| --- | --- |"]
    return [
        *lines,
        *(f"| `{name}` | {profiles.document(name).title} |" for name in profiles.profile_names()),
        "",
    ]


def _attacks() -> list[str]:
    lines = [
        "## Attacks\n",
        "What a reader may say of the data and of the chip, and which check must have which outcome.\n",
        "| attack | what was done | data | chip | checks |",
        "| --- | --- | --- | --- | --- |",
    ]
    for attack in attacks().values():
        said = attack.expected
        data, chip = (" or ".join(words).replace("_", " ") for words in (said.data, said.chip))
        checks = ", ".join(f"{name} {outcome}" for name, outcome in said.checks.items())
        stop = ", or an error" if said.may_stop else ""
        lines.append(f"| `{attack.name}` | {attack.about} | {data} | {chip}{stop} | {checks} |")
    return [*lines, ""]
