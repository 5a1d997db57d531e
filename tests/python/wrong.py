"""Is no Python."""

def task(i:
    return i
