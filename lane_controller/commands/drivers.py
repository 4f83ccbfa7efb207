"""`borderlane drivers`: what can stand in a lane's file."""

import json
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import PurePath
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin

import click
from pydantic import BaseModel, SecretStr

from lane_controller.commands.words import plain

Described = dict[str, Any]


@click.command("drivers")
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
def command(as_json: bool) -> None:
    """List all drivers, third parties' too, with role, model, grade and options.

    Exits 1 when one of them can't be loaded; the others are listed all the same."""
    found = [*_drivers(), *_on_contacts()]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2, default=str))
    else:
        click.echo("\n".join(line for one in found for line in _text(one)))
    sys.exit(1 if any(one["error"] for one in found) else 0)


def _drivers() -> Iterator[Described]:
    from lane_controller.daemon.drivers import driver_points, load_driver

    for name, point in sorted(driver_points().items()):
        by = point.dist.name if point.dist is not None else "?"
        try:
            yield _described({"driver": name}, by, load_driver(name))
        except Exception as error:  # whatever a third party's driver does wrong hides none of the others
            yield {"driver": name, "by": by, "error": f"{type(error).__name__}: {error}"}


def _on_contacts() -> Iterator[Described]:
    """The roles on a board's contacts: `role` and `board` stand in the file in place of `driver`."""
    from lane_controller.daemon.drivers import ROLES_ON_CONTACTS, contacts_driver

    for role in ROLES_ON_CONTACTS:
        yield _described({"role_on_contacts": role}, "borderlane", contacts_driver(role))


def _described(name: Described, by: str, driver: Any) -> Described:
    meanings = _meanings(driver.options_type)
    return {
        **name,
        "by": by,
        "error": "",
        "role": str(driver.role),
        "model": str(driver.model),
        "grade": str(driver.grade),
        "options": [
            {
                "name": option,
                "type": _type(field.annotation),
                "required": field.is_required(),
                "default": None
                if field.is_required()
                else _default(field.get_default(call_default_factory=True)),
                "meaning": field.description or meanings.get(option, ""),
            }
            for option, field in driver.options_type.model_fields.items()
        ],
    }


def _meanings(options: type[BaseModel]) -> dict[str, str]:
    """The text below each field, of the class or of those it is made of.

    Read here and not by pydantic at each import, which would cost every start of a lane."""
    import ast
    import inspect
    import textwrap

    found: dict[str, str] = {}
    for part in reversed(options.__mro__):
        if part is BaseModel or not issubclass(part, BaseModel):
            continue
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(part)))
        except (OSError, TypeError, SyntaxError):
            continue
        body = cast("ast.ClassDef", tree.body[0]).body
        for field, text in pairwise(body):
            match field, text:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(said))):
                    found[name] = " ".join(said.split())
                case _:
                    pass
    return found


def _type(annotation: Any) -> str:
    """As a person writes it in TOML: `9600 or 19200`, `number`, `table of text`."""
    origin, inside = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type(inside[0])
    if origin is Literal:
        return " or ".join(json.dumps(value) for value in inside)
    if origin in (Union, UnionType):
        return " or ".join(_type(one) for one in inside if one is not NoneType)
    if origin is dict:
        return f"table of {_type(inside[1])} by {_type(inside[0])}"
    if origin in (list, tuple, set, frozenset):
        return f"list of {_type(inside[0])}" if inside else "list"
    if not isinstance(annotation, type):
        return str(annotation)
    if issubclass(annotation, BaseModel):
        return (
            "{ "
            + ", ".join(f"{name} = {_type(one.annotation)}" for name, one in annotation.model_fields.items())
            + " }"
        )
    return _word(annotation)


def _word(annotation: type) -> str:
    if issubclass(annotation, bool):
        return "true or false"
    if issubclass(annotation, int):
        return "whole number"
    if issubclass(annotation, str | SecretStr):
        return "text"
    if issubclass(annotation, PurePath):
        return "path"
    return "number" if annotation.__name__ in ("float", "Decimal") else annotation.__name__


def _default(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return list(cast("list[Any]", value))
    return value if isinstance(value, str | int | float | bool | dict | None) else str(value)


def _text(one: Described) -> Iterator[str]:
    name = one.get("driver") or f'role = "{one["role_on_contacts"]}", board = ...'
    title = click.style(plain(name), bold=True)
    by = "" if one["by"] == "borderlane" else f", by {plain(one['by'])}"
    if one["error"]:
        yield f"{title}  {click.style('CANNOT BE LOADED', fg='red')}{by}: {plain(one['error'])}"
        return
    yield f"{title}  {plain(one['role'])}: {plain(one['model'])} ({plain(one['grade'])}{by})"
    for option in one["options"]:
        default = "required" if option["required"] else f"default {_toml(option['default'])}"
        yield f"    {option['name']}: {option['type']}, {default}"
        if option["meaning"]:
            yield f"        {plain(option['meaning'])}"


def _toml(value: Any) -> str:
    return "none" if value is None else json.dumps(value, default=str)
