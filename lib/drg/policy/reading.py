"""YAML as policy files use it: numbers are plain decimals, no key stands twice, every error has file and line."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from drg.errors import PolicyError

# Reading the tree of a province takes a second without libyaml, and every job reads it.
_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Loader(_Base):  # type: ignore[misc]
    """Numbers are plain decimals: with a point they become Decimal; 010, 1:30, .inf and 1e3 are none.

    A key written twice is an error; YAML itself would let the last one win.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A mapping; an error where a key stands twice."""
        seen = set()
        for key, _ in node.value:
            written = (key.tag, str(key.value))
            if written in seen:
                raise _unreadable(f"{key.value} stands twice; keep one", key)
            seen.add(written)
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        return found


def _unreadable(problem: str, node: yaml.Node) -> yaml.constructor.ConstructorError:
    return yaml.constructor.ConstructorError(problem=problem, problem_mark=node.start_mark)


def _integer(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int:
    text = str(loader.construct_scalar(node))
    if not re.fullmatch(r"[-+]?(0|[1-9][0-9]*)", text):
        raise _unreadable(f"{text} is not a plain number; write its decimal digits, and codes in quotes", node)
    return int(text)


def _decimal(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Decimal:
    text = str(loader.construct_scalar(node))
    if not re.fullmatch(r"[-+]?[0-9]+\.[0-9]*", text):
        raise _unreadable(f"{text} is not a plain number; write it like 0.35", node)
    return Decimal(text)


Loader.add_constructor("tag:yaml.org,2002:int", _integer)
Loader.add_constructor("tag:yaml.org,2002:float", _decimal)


def compose(file: Path, root: Path | None) -> tuple[Loader, yaml.Node | None]:
    """The loader of a file and the tree of its nodes, each with its line; PolicyError naming file and line."""
    try:
        loader = Loader(file.read_text(encoding="utf-8"))
        return loader, loader.get_single_node()
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(f"{file_shown(file, root)} cannot be read; write it as UTF-8 text") from error
    except yaml.MarkedYAMLError as error:
        raise PolicyError(f"{file_shown(file, root)} {problem_of(error)}") from error
    except yaml.YAMLError as error:
        raise PolicyError(f"{file_shown(file, root)} holds a character YAML does not allow; remove it") from error


def problem_of(error: yaml.MarkedYAMLError) -> str:
    """Line and problem, as half a sentence."""
    line = error.problem_mark.line + 1 if error.problem_mark else 1
    return f"line {line} is not valid YAML: {error.problem}"


def shown_root(root: Path) -> str:
    """A tree as errors name it: the one of a checkout from its conf on, any other by its whole path."""
    return "conf/policy" if root.parts[-2:] == ("conf", "policy") else str(root)


def file_shown(file: Path, root: Path | None) -> str:
    """A file as errors name it: as part of its tree, or by itself."""
    return f"{shown_root(root)}/{file.relative_to(root)}" if root else str(file)
