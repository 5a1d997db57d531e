"""Which Python this is, in the words of a table's heading."""

import platform
import sys
import sysconfig


def gil_is_on():
    return getattr(sys, "_is_gil_enabled", lambda: True)()


def is_free_threaded():
    return bool(sysconfig.get_config_var("Py_GIL_DISABLED"))


def describe():
    """"CPython 3.14.0, free-threaded build, GIL off". An extension module that is not made for a free-threaded build
    turns the lock on when it is imported: ask after that."""
    parts = ["%s %s" % (platform.python_implementation(), platform.python_version())]
    if hasattr(sys, "gettotalrefcount"):
        parts.append("debug build")
    if is_free_threaded():
        parts.append("free-threaded build")
    parts.append("GIL on" if gil_is_on() else "GIL off")
    return ", ".join(parts)
