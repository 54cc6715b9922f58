"""The forms a document comes in: one module each, the same content in all of them."""
