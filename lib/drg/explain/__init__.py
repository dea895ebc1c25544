"""explain: why a list got its group and its payment, or why it came back, in words, from the tables."""

from drg.explain.answer import Explanation, Section
from drg.explain.explain import explain

__all__ = ["Explanation", "Section", "explain"]
