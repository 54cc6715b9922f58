"""The steps that touch the world. Each may run twice, and says why it may."""
