"""One use case a module, written against `ports.py`."""
