"""What a runner answers in place of what was asked for."""


class RunnerError(Exception):
    """`code` is a negative errno, `text` reads "what: why: what to do"."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code
        self.text = text


class PoolBroken(RunnerError):
    """The pool is gone for good: the runner answers, and ends."""


def nearest(name, names):
    """"did you mean ...? " of the nearest of the names, or nothing if none is near."""
    import difflib

    found = difflib.get_close_matches(name, list(names), n=1)
    return "did you mean %s? " % found[0] if found else ""
