"""What benchmarks are measured on: a running copy, its customers, and what does nothing beside it."""
