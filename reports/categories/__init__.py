"""Accounts sorted into the tree of categories, by rules that are data."""

from reports.categories.facts import AccountFacts, Suggestion, impact
from reports.categories.suggesting import suggest

__all__ = ["AccountFacts", "Suggestion", "impact", "suggest"]
