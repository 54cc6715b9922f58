"""
What Rapport hands over: documents built from stored books.

A new report is a module with one function of this shape, its line here and its
line in `domain.reports`. It runs in a process of its own, `python -m reports`, and
knows neither database nor workflow: stored books in, files out.
"""
