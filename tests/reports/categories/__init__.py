"""Accounts sorted into the tree of categories."""
