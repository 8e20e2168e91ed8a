"""Sourdine: call recording made lawful by construction.

Rooms and arrows: `model <- law, speech, audio, telephony <- services <- adapters, api <- wiring <- app.py`.
`tests/test_architecture.py` holds the arrows.
"""
