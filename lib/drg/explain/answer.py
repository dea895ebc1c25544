"""The answer to a question about one list: sections of Chinese lines, and the figures behind them for a
program.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

_ALARM = "!" * 8


@dataclass(frozen=True)
class Section:
    """A heading and its lines."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """One figure as stored in case_payment and as worked out again from the tables and the policy."""

    name: str
    title: str
    stored: str | None
    recomputed: str | None

    @property
    def agrees(self) -> bool:
        """Whether the two are the same."""
        return self.stored == self.recomputed


@dataclass(frozen=True)
class Explanation:
    """What became of one list.

    Attributes:
        list_id: the settlement id asked for.
        outcome: paid, accepted (fit, not settled yet), booked (came after its year was cleared), rejected or unknown.
        summary: the answer in one sentence.
        comparisons: stored figures beside the recomputed ones; empty unless paid.
        warnings: what a reader must know before relying on the answer.
    """

    list_id: str
    outcome: str
    summary: str
    sections: tuple[Section, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    warnings: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def agrees(self) -> bool:
        """Whether every stored figure could be worked out again."""
        return all(item.agrees for item in self.comparisons)

    def text(self) -> str:
        """The answer for a reader; what does not agree stands first and stands out."""
        parts = [f"清单 {self.list_id}：{self.summary}"]
        wrong = [item for item in self.comparisons if not item.agrees]
        if wrong:
            shown = "；".join(f"{c.title} 表中 {c.stored or '无'}，复算 {c.recomputed or '无'}" for c in wrong)
            parts.append(f"{_ALARM} 复算与结算表不一致，请勿据此答复：{shown} {_ALARM}")
        parts += [f"{_ALARM} {warning} {_ALARM}" for warning in self.warnings]
        for section in self.sections:
            parts.append("\n".join([f"【{section.title}】", *(f"  {line}" for line in section.lines)]))
        return "\n\n".join(parts)

    def as_dict(self) -> dict[str, Any]:
        """The answer for a program; amounts as text, so that no digit is lost."""
        return {
            "list_id": self.list_id,
            "outcome": self.outcome,
            "summary": self.summary,
            "agrees": self.agrees,
            "warnings": list(self.warnings),
            "sections": [asdict(section) for section in self.sections],
            "comparisons": [asdict(item) | {"agrees": item.agrees} for item in self.comparisons],
            "facts": self.facts,
        }


def yuan(value: Decimal | None) -> str:
    """An amount as read: thousands separated, in yuan."""
    return "无" if value is None else f"{value:,} 元"


def number(value: Decimal | None) -> str:
    """A figure as read, without trailing zeros lost or added."""
    return "无" if value is None else f"{value:,}"


def factor(value: Decimal, least: int = 4) -> str:
    """A factor as read: trailing zeros are left out beyond `least` decimals, digits never."""
    trimmed = value.normalize()
    decimals = max(-int(trimmed.as_tuple().exponent), least, 0)
    return f"{value:,.{decimals}f}"
