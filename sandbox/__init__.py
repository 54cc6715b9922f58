"""Accounting software to practise on: a program of its own, with its own data, tokens and moods."""
