"""What we remember: the tables, the questions that we ask of them, and the object store."""
