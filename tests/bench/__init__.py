"""Benches: what the product hears, measured on calls whose truth is known, beside what others hear."""
