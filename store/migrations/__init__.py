"""The steps that lead a database to its newest tables."""
