"""The errors of this package: any other exception that leaves it is a bug."""


class MrzError(ValueError):
    """Not a machine-readable zone, or not one that can be written.

    `line` and `column` count from 1 and say where; 0 where the whole is meant.  The message never quotes
    more than one character of what was read: lines hold personal data and messages end up in logs.
    """

    def __init__(self, message: str, *, line: int = 0, column: int = 0) -> None:
        place = f"line {line}" if line else ""
        place += f", column {column}" if column else ""
        super().__init__(f"{place}: {message}" if place else message)
        self.line = line
        self.column = column


class ImageError(MrzError):
    """The picture can't be decoded, is of an unknown kind, or is larger than we decode."""


class EngineError(MrzError):
    """The engine itself is missing or broken (no tesseract installed): a person is needed."""
