"""Formats, muting and verification of sound: pure, on bytes and file objects."""
