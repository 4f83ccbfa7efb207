"""Secrets in a driver's options: only `file:PATH` or `env:NAME` stands in the configuration."""

import os
import stat
from pathlib import Path
from typing import cast, get_args

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

SECRET_BYTES_MAX = 16 * 1024


def is_secret(field: FieldInfo) -> bool:
    """Declared as SecretStr, or kept out of the model's repr."""
    return holds_secret_type(field) or not field.repr


def holds_secret_type(field: FieldInfo) -> bool:
    return field.annotation is SecretStr or SecretStr in get_args(field.annotation)


def is_path(field: FieldInfo) -> bool:
    return field.annotation is Path or Path in get_args(field.annotation)


def resolve(value: object, folder: Path) -> str:
    """The secret that `value` points to.  Raises ValueError, whose text never holds a secret."""
    kind, _, rest = str(value).partition(":")
    if kind == "env" and rest:
        secret = os.environ.get(rest)
        if not secret:
            raise ValueError(f"the environment has no {rest}")
        return secret
    if kind == "file" and rest:
        return _from_file(folder / rest)
    raise ValueError('a secret never stands in this file: use "file:PATH" or "env:NAME"')


def _from_file(path: Path) -> str:
    refuse_readable_by_others(path)
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} can't be read: {error}") from None
    if not text.strip() or len(text) > SECRET_BYTES_MAX:
        raise ValueError(f"{path} holds no secret")
    return text.strip()


def refuse_readable_by_others(path: Path) -> None:
    """Raises ValueError unless the file is there and its owner alone may read it."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from None
    if mode & (stat.S_IROTH | stat.S_IWOTH | stat.S_IWGRP):
        raise ValueError(f"{path} is open to others (mode {mode & 0o777:o}); run: chmod 640 {path}")


def prepare(options: dict[str, object], model: type[BaseModel], folder: Path) -> dict[str, str]:
    """Put secrets and absolute paths into `options` in place; returns key and problem of each bad secret,
    whose key is then taken out."""
    problems: dict[str, str] = {}
    for key, value in list(options.items()):
        field = model.model_fields.get(key)
        if field is None:
            continue
        if is_secret(field):
            try:
                secret = resolve(value, folder)
                options[key] = SecretStr(secret) if holds_secret_type(field) else secret
            except ValueError as error:
                problems[key] = str(error)
        elif is_path(field) and isinstance(value, str):
            options[key] = folder / value
        elif is_path(field) and isinstance(value, dict):
            paths = cast("dict[str, object]", value)
            options[key] = {
                name: folder / path if isinstance(path, str) else path for name, path in paths.items()
            }
    return problems
