"""The runner that measures Python functions under CPython's own executors, by runner protocol version 1."""
