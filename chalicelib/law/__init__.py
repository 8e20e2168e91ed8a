"""What may be recorded, kept and for how long: pure rules, each with its source."""
