"""Telephone calls composed from recorded prompts, each with the exact truth of what is said where."""
