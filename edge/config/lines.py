"""Where each key of a TOML text stands: key path to line. Pure; for texts that tomllib has accepted."""

import tomllib
from bisect import bisect_right
from typing import Any

KeyPath = tuple[str | int, ...]
"""Keys and array indices from the root, as in `("bus", 1, "baudrate")`."""

Plain = dict[str, Any]
"""A table as tomllib reads it."""

_SPACE = " \t"
_BARE_END = ",]}#\r\n"


def lines_of(text: str) -> dict[KeyPath, int]:
    """The line, from 1, of every key, table and array element; of a table the line of its first header."""
    return _Scanner(text.replace("\r\n", "\n")).scan()


def line_of(path: KeyPath, lines: dict[KeyPath, int]) -> int:
    """The line of `path`, or of the nearest thing around it that is written: 1 for the file itself."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return 1


def dotted(path: KeyPath) -> str:
    """`path` as a person reads it: `bus[1].baudrate`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


class _Scanner:
    """Walks once over a valid text; trusts it, and so never has to explain what is wrong with it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._starts = [0] + [at + 1 for at, char in enumerate(text) if char == "\n"]
        self._lines: dict[KeyPath, int] = {}
        self._lengths: dict[KeyPath, int] = {}

    def scan(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        self._skip_blank()
        while self._at < len(self._text):
            if self._peek() == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip_blank()
        return self._lines

    def _peek(self, length: int = 1) -> str:
        return self._text[self._at : self._at + length]

    def _note(self, path: KeyPath) -> None:
        self._lines.setdefault(path, bisect_right(self._starts, self._at))

    def _skip(self, chars: str) -> None:
        while self._at < len(self._text) and self._text[self._at] in chars:
            self._at += 1

    def _skip_blank(self) -> None:
        self._skip(_SPACE + "\n")
        while self._peek() == "#":
            end = self._text.find("\n", self._at)
            self._at = len(self._text) if end < 0 else end
            self._skip(_SPACE + "\n")

    def _header(self) -> KeyPath:
        many = self._peek(2) == "[["
        self._at += 2 if many else 1
        table = self._key((), many)
        self._at += 2 if many else 1
        return table

    def _pair(self, table: KeyPath) -> None:
        path = self._key(table)
        self._at += 1  # the equals sign
        self._value(path)

    def _key(self, base: KeyPath, many: bool = False) -> KeyPath:
        """Read a dotted key, and note it and what it passes through; `many`: it opens one more element."""
        path = base
        while True:
            self._skip(_SPACE)
            path += (self._word(),)
            self._note(path)
            self._skip(_SPACE)
            last = self._peek() != "."
            if last and many:
                self._lengths[path] = self._lengths.get(path, 0) + 1
            if path in self._lengths:
                path += (self._lengths[path] - 1,)
                self._note(path)
            if last:
                return path
            self._at += 1

    def _word(self) -> str:
        start = self._at
        if self._peek() in "\"'":
            self._string()
            word: str = tomllib.loads("word = " + self._text[start : self._at])["word"]
            return word
        while self._peek() not in (".", "=", "]", " ", "\t"):
            self._at += 1
        return self._text[start : self._at]

    def _value(self, path: KeyPath) -> None:
        self._skip(_SPACE)
        char = self._peek()
        if char in "\"'":
            self._string()
        elif char == "[":
            self._array(path)
        elif char == "{":
            self._inline_table(path)
        else:
            while self._at < len(self._text) and self._text[self._at] not in _BARE_END:
                self._at += 1

    def _array(self, path: KeyPath) -> None:
        self._at += 1
        index = 0
        while True:
            self._skip_blank()
            if self._peek() == "]":
                self._at += 1
                return
            if self._peek() == ",":
                self._at += 1
            else:
                self._note((*path, index))
                self._value((*path, index))
                index += 1

    def _inline_table(self, path: KeyPath) -> None:
        self._at += 1
        while True:
            self._skip_blank()
            if self._peek() == "}":
                self._at += 1
                return
            if self._peek() == ",":
                self._at += 1
            else:
                self._pair(path)

    def _string(self) -> None:
        quote = self._peek()
        fence = quote * 3 if self._peek(3) == quote * 3 else quote
        self._at += len(fence)
        while self._peek(len(fence)) != fence:
            self._at += 2 if quote == '"' and self._peek() == "\\" else 1
        self._at += len(fence)
        # Up to two quotes may stand right before the closing three, and belong to the text.
        while len(fence) == 3 and self._peek() == quote:
            self._at += 1
