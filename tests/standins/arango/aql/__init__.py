"""The few AQL statements a graph reader needs, parsed strictly: anything else is a syntax error."""

from .execute import Answer, execute
from .parser import parse
from .plan import Plan

__all__ = ["Answer", "Plan", "execute", "parse"]
