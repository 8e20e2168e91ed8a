"""How much two readings of digits have in common."""


def common(said: str, heard: str) -> int:
    """Length of the longest common subsequence: digits found, in order."""
    row = [0] * (len(heard) + 1)
    for digit in said:
        above = row[:]
        for at, other in enumerate(heard):
            row[at + 1] = above[at] + 1 if digit == other else max(row[at], above[at + 1])
    return row[-1]
