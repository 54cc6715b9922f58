"""Journeys that were lived and written down: whatever the code becomes, it must be able to go on with them."""
