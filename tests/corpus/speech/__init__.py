"""Seeded telephone calls, as a recogniser would write them, with the exact truth of what is bank data in them.

`call()` in `calls.py` is the door. Nothing here is shared with `chalicelib.speech`: no phrase, no number word, no
code. The dialogues are made of `phrases_*.toml`, the numbers of the seed; no card number is stored anywhere.
"""
