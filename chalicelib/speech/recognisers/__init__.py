"""What bank data looks like by itself: one module for each kind that has a shape, data and pure functions on runs.

A shape, or a check digit that is right, raises confidence; neither is ever a condition for masking (FACTS 1.7).
Security codes, PINs and passwords have no shape: what was asked for decides (`cues.py`, `answers.py`).
"""
