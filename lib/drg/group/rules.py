"""The rule language of the grouping schemes: text to a syntax tree with positions.

The language is that of the official workbook (CHS-DRG 3.0, 2026, sheets MDC, ADRG and DRG):

    rule       := or ; an empty rule is true
    or         := and { "or" and }
    and        := not { "and" not }
    not        := "not" not | atom
    atom       := "(" or ")" | number | membership | comparison | count
    membership := fields [ "not" ] "in" sets
    fields     := FIELD | "{" FIELD { "," FIELD } "}"
    sets       := SET | "{" SET { "," SET } "}"
    comparison := SCALAR ( ">=" | ">" | "<=" | "<" | "=" ) number
    count      := "length" "(" SET "∩" fields ")" comparator number

ZYZD and QTZD are the principal and the other diagnoses, ZYSS and QTSS the principal and the other procedures, NL the
age in years, XB the sex (1 male, 2 female), XSRTL the age in days, XSRTZ the newborn admission weight in grams.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import TypeVar

from drg.errors import RulePackError

DIAGNOSIS_FIELDS = ("ZYZD", "QTZD")
PROCEDURE_FIELDS = ("ZYSS", "QTSS")
FIELDS = DIAGNOSIS_FIELDS + PROCEDURE_FIELDS
SCALARS = ("NL", "XB", "XSRTL", "XSRTZ")
VIRTUAL_SETS = ("MCC", "CC")
KEYWORDS = ("or", "and", "not", "in", "length")
COMPARATORS = (">=", "<=", ">", "<", "=")
MAX_DEPTH = 50

T = TypeVar("T")


class RuleSyntaxError(RulePackError):
    """A rule that cannot be read; `problem` says what, `column` (from 1) where in the rule."""

    def __init__(self, problem: str, column: int) -> None:
        super().__init__(f"column {column}: {problem}")
        self.problem = problem
        self.column = column


@dataclass(frozen=True)
class SetName:
    """The name of a code set and the column where it stands."""

    name: str
    column: int


@dataclass(frozen=True)
class Always:
    """An empty rule or a bare number: true unless the number is 0."""

    value: bool = True


@dataclass(frozen=True)
class Membership:
    """A code of any of the fields stands (or, negated, none stands) in the union of the sets."""

    fields: tuple[str, ...]
    sets: tuple[SetName, ...]
    negated: bool = False


@dataclass(frozen=True)
class Comparison:
    """A scalar against a number; an absent scalar makes it false."""

    scalar: str
    comparator: str
    number: float


@dataclass(frozen=True)
class Count:
    """The number of distinct codes of a set found in the fields, against a number."""

    set: SetName
    fields: tuple[str, ...]
    comparator: str
    number: float


@dataclass(frozen=True)
class Not:
    """True where the child is false."""

    child: Node


@dataclass(frozen=True)
class And:
    """True where all children are."""

    children: tuple[Node, ...]


@dataclass(frozen=True)
class Or:
    """True where a child is; the first that holds is the branch that decides."""

    children: tuple[Node, ...]


Node = Always | Membership | Comparison | Count | Not | And | Or


def parse_rule(text: str) -> Node:
    """The syntax tree of a rule; raises RuleSyntaxError with the column (from 1) and one sentence."""
    if not text.strip():
        return Always()
    parser = _Parser(text)
    node = parser.disjunction()
    parser.expect_end()
    return node


def set_names(node: Node) -> Iterator[SetName]:
    """Every set a rule names, in the order of the text."""
    if isinstance(node, Membership):
        yield from node.sets
    elif isinstance(node, Count):
        yield node.set
    elif isinstance(node, Not):
        yield from set_names(node.child)
    elif isinstance(node, And | Or):
        for child in node.children:
            yield from set_names(child)


def check_sets(node: Node, known: Collection[str]) -> None:
    """Raises RuleSyntaxError at the first set of the rule that is neither known nor MCC or CC."""
    for name in set_names(node):
        if name.name not in known and name.name not in VIRTUAL_SETS:
            raise RuleSyntaxError(f"set {name.name} is not defined; define it or correct the name", name.column)


@dataclass(frozen=True)
class _Token:
    kind: str  # word, number, sign or end
    text: str
    column: int


_TOKEN = re.compile(r"\s*(?:(?P<word>[^\W\d]\w*)|(?P<number>\d+(?:\.\d+)?)|(?P<sign>>=|<=|[><=(){},∩]))")


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    position = 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            column = position + len(text[position:]) - len(text[position:].lstrip()) + 1
            raise RuleSyntaxError(f"character {text[column - 1]!r} has no meaning in a rule; remove it", column)
        kind = match.lastgroup
        tokens.append(_Token(kind, match[kind], match.start(kind) + 1))
        position = match.end()
    tokens.append(_Token("end", "", len(text) + 1))
    return tokens


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._next = 0
        self._depth = 0

    @property
    def _token(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        token = self._token
        self._next += 1
        return token

    def _is(self, text: str) -> bool:
        token = self._token
        return token.text == text or (token.kind == "word" and text in KEYWORDS and token.text.lower() == text)

    def _accept(self, text: str) -> bool:
        if self._is(text):
            self._next += 1
            return True
        return False

    def _expect(self, text: str, why: str) -> None:
        if not self._accept(text):
            raise self._error(f"{text!r} expected {why}")

    def _error(self, problem: str) -> RuleSyntaxError:
        found = repr(self._token.text) if self._token.text else "the end of the rule"
        return RuleSyntaxError(f"{problem}, found {found}", self._token.column)

    def expect_end(self) -> None:
        if self._token.kind != "end":
            raise self._error("'and', 'or' or the end of the rule expected")

    def disjunction(self) -> Node:
        children = [self._conjunction()]
        while self._accept("or"):
            children.append(self._conjunction())
        return children[0] if len(children) == 1 else Or(tuple(children))

    def _conjunction(self) -> Node:
        children = [self._negation()]
        while self._accept("and"):
            children.append(self._negation())
        return children[0] if len(children) == 1 else And(tuple(children))

    def _negation(self) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._error(f"brackets or 'not' are nested more than {MAX_DEPTH} deep")
        node = Not(self._negation()) if self._accept("not") else self._atom()
        self._depth -= 1
        return node

    def _atom(self) -> Node:
        if self._accept("("):
            node = self.disjunction()
            self._expect(")", "to close the bracket")
            return node
        if self._token.kind == "number":
            return Always(float(self._take().text) != 0)
        if self._accept("length"):
            return self._count()
        if self._is("{") or self._token.text in FIELDS:
            return self._membership()
        if self._token.text in SCALARS:
            scalar = self._take().text
            return Comparison(scalar, self._comparator(), self._number())
        if self._token.kind == "word" and self._token.text.lower() not in KEYWORDS:
            known = ", ".join(FIELDS + SCALARS)
            raise RuleSyntaxError(f"{self._token.text} is not a field; the fields are {known}", self._token.column)
        raise self._error("a condition expected")

    def _membership(self) -> Node:
        fields = self._fields()
        negated = self._accept("not")
        self._expect("in", "after the field")
        return Membership(fields, self._list(self._set, "a set"), negated)

    def _count(self) -> Node:
        self._expect("(", "after length")
        name = self._set()
        self._expect("∩", "between the set and the fields")
        fields = self._fields()
        self._expect(")", "to close length(")
        return Count(name, fields, self._comparator(), self._number())

    def _fields(self) -> tuple[str, ...]:
        return self._list(self._field, "a field")

    def _list(self, item: Callable[[], T], what: str) -> tuple[T, ...]:
        if not self._accept("{"):
            return (item(),)
        items = [item()]
        while self._accept(","):
            items.append(item())
        self._expect("}", f"or a comma after {what}")
        return tuple(items)

    def _field(self) -> str:
        if self._token.text not in FIELDS:
            raise self._error(f"a field with codes ({', '.join(FIELDS)}) expected")
        return self._take().text

    def _set(self) -> SetName:
        token = self._token
        if token.kind != "word" or token.text.lower() in KEYWORDS or token.text in FIELDS + SCALARS:
            raise self._error("the name of a set expected")
        self._next += 1
        return SetName(token.text, token.column)

    def _comparator(self) -> str:
        if self._token.text not in COMPARATORS:
            raise self._error(f"a comparison ({' '.join(COMPARATORS)}) expected")
        return self._take().text

    def _number(self) -> float:
        if self._token.kind != "number":
            raise self._error("a number expected")
        return float(self._take().text)
