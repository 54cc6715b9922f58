"""What a company spends, with whom and how it pays: shared by the reports on it."""
