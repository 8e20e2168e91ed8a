"""From a transcript to the places where bank data is heard: pure."""
