"""A text of TOML as a person wrote it, with some of its values changed: comments and order stay. Pure."""

from collections.abc import Callable, Mapping, Sequence
from difflib import SequenceMatcher
from functools import partial
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Array, InlineTable, Table

from edge.config.cutting import without
from edge.config.lines import Plain
from edge.core.errors import ConfigError

INDENT = "    "

RECOGNISED = ("at", "device", "point", "dates", "weekdays", "holiday")
"""Keys by which steps, sensors and rules are recognised; none of them has an id."""


class Rewriting:
    """The text while it is changed. Raises ConfigError if it is no TOML."""

    def __init__(self, text: str) -> None:
        try:
            self._document = tomlkit.parse(text)
        except TOMLKitError as error:
            raise ConfigError(
                f"gateway.toml is no TOML ({error}): correct it, `gianh check` says where"
            ) from error

    @property
    def text(self) -> str:
        """As it is now."""
        return tomlkit.dumps(self._document)

    def put(self, name: str, said: Mapping[str, Any]) -> None:
        """Set these keys of [name]; what is as said already stays as it is written."""
        _put(self._table(name), said)

    def put_member(self, name: str, member: str, said: Mapping[str, Any]) -> None:
        """The same of the [[name]] with this id; a new one at the end of its kind if there is none."""
        found = self._list(name)
        for table in found.body:
            if table.get("id") == member:
                _put(table, said)
                return
        found.append(_new({"id": member} | dict(said)))

    def replace_members(self, name: str, key: str, wanted: Sequence[Plain]) -> None:
        """Let the [[name]] be these, recognised by `key`: the others go, new ones come at the end.

        The order of those that stay is as it is written. Raises ConfigError where two have one key.
        """
        names = [one.get(key) for one in wanted]
        if len(set(names)) < len(names):
            raise ConfigError(f"two of the {name} have one {key}: choose another")
        if name in self._document:
            had = self._list(name).body
            if gone := [index for index, table in enumerate(had) if table.get(key) not in names]:
                self._document = tomlkit.parse(without(self.text, name, gone))
        there = {table.get(key): table for table in self._list(name).body} if name in self._document else {}
        for one in wanted:
            if (table := there.get(one.get(key))) is not None:
                _become(table, one)
            else:
                self._append(name, _new(one))

    def _append(self, name: str, table: Table) -> None:
        """At the end of its kind, with an empty line between it and what stands before and after."""
        is_last = name not in self._document or list(self._document)[-1] == name
        if is_last and not self.text.endswith("\n\n"):
            self._document.add(tomlkit.nl())
        if not is_last:
            table.add(tomlkit.nl())
        self._list(name).append(table)

    def _table(self, name: str) -> Table:
        found = self._document.get(name)
        if found is None:
            self._document[name] = tomlkit.table()
            found = self._document[name]
        if not isinstance(found, Table):
            raise ConfigError(f"{name} in gateway.toml is no table: write it as [{name}]")
        return found

    def _list(self, name: str) -> AoT:
        found = self._document.get(name)
        if found is None:
            self._document[name] = tomlkit.aot()
            found = self._document[name]
        if not isinstance(found, AoT):
            raise ConfigError(f"{name} in gateway.toml is no list of tables: write each as [[{name}]]")
        return found


def _put(table: Table | InlineTable, said: Mapping[str, Any]) -> None:
    for key, value in said.items():
        if key not in table or _plain(table[key]) != value:
            table[key] = value


def _become(table: Table | InlineTable, wanted: Plain) -> None:
    """Let a table say what is wanted and nothing else, with as little written anew as can be."""
    for key in [one for one in table if one not in wanted]:
        tail = _tail(table[key])
        del table[key]
        _add(table, tail)
    for key, value in wanted.items():
        had = table.get(key)
        if had is not None and _plain(had) == value:
            continue
        if isinstance(had, AoT) and _are_tables(value):
            _become_list(had.body, value, had.insert, partial(_drop, had), _new)
        elif isinstance(had, Array) and _are_tables(value) and _keeps_shape(had, value):
            _become_list(list(had), value, had.insert, had.__delitem__, _inline)
        else:
            tail = _tail(had)
            table[key] = _value(value)
            _add(table, tail)


def _drop(tables: AoT, index: int) -> None:
    """Take a table away; what follows its last key belongs to what comes after it, and stays."""
    tail = _tail(tables.body[index])
    del tables[index]
    if index:
        _add(tables.body[index - 1], tail)


def _tail(item: Any) -> list[Any]:
    """The comments and empty lines at the end of a table, or of the last one of several."""
    if isinstance(item, AoT):
        return _tail(item.body[-1]) if item.body else []
    if not isinstance(item, Table):
        return []
    body = item.value.body
    count = next((nth for nth, (key, _) in enumerate(reversed(body)) if key is not None), len(body))
    own = [one for _, one in body[len(body) - count :]]
    return own or (_tail(body[-1][1]) if body else [])


def _add(table: Table | InlineTable, tail: Sequence[Any]) -> None:
    if isinstance(table, Table):
        for one in tail:
            table.add(one)


def _become_list(
    items: Sequence[Any],
    wanted: Sequence[Plain],
    insert: Callable[[int, Any], object],
    delete: Callable[[int], object],
    make: Callable[[Plain], Any],
) -> None:
    """Change, add and take away members of a list, the last first so that the numbers stay true."""
    before, after = [_sameness(_plain(one)) for one in items], [_sameness(one) for one in wanted]
    for _kind, i1, i2, j1, j2 in reversed(SequenceMatcher(None, before, after, autojunk=False).get_opcodes()):
        both = min(i2 - i1, j2 - j1)
        for index in reversed(range(i1 + both, i2)):
            delete(index)
        for offset in range(both, j2 - j1):
            insert(i1 + offset, make(wanted[j1 + offset]))
        for offset in range(both):
            _become(items[i1 + offset], wanted[j1 + offset])


def _sameness(said: Plain) -> str:
    """By what a member of a list is recognised though its other values changed."""
    return repr([said.get(key) for key in RECOGNISED])


def _new(said: Mapping[str, Any]) -> Table:
    table = tomlkit.table()
    for key, value in said.items():
        table[key] = _value(value)
    return table


def _value(value: Any) -> Any:
    """As a person would write it: tables in a list each on a line of its own, in braces."""
    if not _are_tables(value):
        return list(value) if isinstance(value, tuple) else value
    array = tomlkit.array()
    for one in value:
        array.add_line(_inline(one), indent=INDENT)
    array.add_line(indent="")
    return array


def _inline(said: Plain) -> InlineTable:
    table = tomlkit.inline_table()
    table.update(said)
    return table


def _keeps_shape(array: Array, wanted: Sequence[Plain]) -> bool:
    """Whether changing it in place reads well: what has to grow on one line is better written anew."""
    return "\n" in array.as_string() or 0 < len(wanted) <= len(array)


def _are_tables(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(one, dict) for one in value)


def _plain(item: Any) -> Any:
    return item.unwrap() if hasattr(item, "unwrap") else item
