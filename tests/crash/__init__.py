"""Real processes, killed at any moment: what they leave behind, and what comes of it."""
