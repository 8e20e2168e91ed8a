"""Ways to mute one file, each run in a process of its own, which loads nothing but what that way needs."""
