"""A company's invented books: nothing is stored, everything follows from its name."""
