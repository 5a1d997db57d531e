"""Parameters of a function: its arguments with a default of type int, float, str or bool. They are read as people write
them, and spelled so that the same value always looks the same."""

import re

from parbench_runner.errors import RunnerError, nearest

_SIZES = {"B": 1, "k": 1 << 10, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40, "KiB": 1 << 10, "MiB": 1 << 20,
          "GiB": 1 << 30, "TiB": 1 << 40, "kB": 10**3, "MB": 10**6, "GB": 10**9}
_SPELLED = (("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10))
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "min": 60.0, "%": 0.01}
_TRUTHS = {"1": True, "0": False, "true": True, "false": False, "yes": True, "no": False}
_QUANTITY = re.compile(r"(-?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)(\D*)")


def _scaled(text, units):
    match = _QUANTITY.fullmatch(text)
    if not match or (match[2] and match[2] not in units):
        raise ValueError(text)
    return float(match[1]), units.get(match[2])


def parse_int(text):
    """"4096", "149k", "1MiB": k, M and G are powers of 1024, kB, MB and GB of 1000."""
    try:
        return int(text)
    except ValueError:
        number, factor = _scaled(text, _SIZES)
        value = number * (factor or 1)
        if value != int(value):
            raise ValueError(text) from None
        return int(value)


def spell_int(value):
    for unit, factor in _SPELLED:
        if value >= factor and value % factor == 0:
            return "%d%s" % (value // factor, unit)
    return str(value)


def parse_float(text):
    """"0.5", "20ms" (in seconds), "5%"."""
    number, factor = _scaled(text, _SECONDS)
    return number if factor is None else number * factor


def parse_bool(text):
    if text.lower() not in _TRUTHS:
        raise ValueError(text)
    return _TRUTHS[text.lower()]


# type: its name in a description, how it is read and spelled, what a wrong value is told to be
_TYPES = {
    bool: ("choice", parse_bool, lambda value: "1" if value else "0", "1 or 0"),
    int: ("count", parse_int, spell_int, "a whole number, as 149, 149k or 1MiB"),
    float: ("number", parse_float, lambda value: "%.12g" % value, "a number, as 0.5, or for a time 20ms"),
    str: ("text", str, str, "a text"),
}


class Param:
    def __init__(self, name, default, choices, help_text):
        self.name, self.default, self.choices, self.help = name, default, choices, help_text
        self.type, self._parse, self.spell, self._expected = _TYPES[type(default)]

    @staticmethod
    def is_one(default):
        return type(default) in _TYPES

    def parse(self, text, owner):
        try:
            value = self._parse(text)
        except (ValueError, OverflowError):
            raise RunnerError(-22, '%s: %s="%s": it is no such value: give %s'
                              % (owner, self.name, text, self._expected)) from None
        if self.choices and value not in self.choices:
            raise RunnerError(-22, "%s: %s=%s: there is none: choose of %s"
                              % (owner, self.name, text, self._range(" "))) from None
        return value

    def _range(self, between="|"):
        return between.join(self.spell(choice) for choice in self.choices)

    def description(self):
        choices = self.choices or ((True, False) if self.type == "choice" else ())
        return {"name": self.name, "type": "choice" if choices else self.type, "default": self.spell(self.default),
                "range": "|".join(map(self.spell, choices)), "help": self.help}


def help_of(docstring, name):
    """Of "size: bytes that one task encrypts", or ":param size: ...", on a line of its own."""
    match = re.search(r"^\s*(?::param\s+)?%s\s*:\s*(\S.*)$" % re.escape(name), docstring, re.MULTILINE)
    return match[1].strip() if match else ""


def read_pairs(text, owner):
    """"key=value,key=value" as a dict."""
    pairs = {}
    for part in text.split(",") if text else ():
        key, equals, value = part.partition("=")
        if not equals or not key:
            raise RunnerError(-22, '%s: "%s" is no key=value: write them parted by commas' % (owner, part))
        if key in pairs:
            raise RunnerError(-22, "%s: %s= stands there twice: leave one out" % (owner, key))
        pairs[key] = value
    return pairs


def unknown(owner, key, keys):
    hint = nearest(key, keys)
    raise RunnerError(-22, '%s: no parameter "%s": %sthere are %s' % (owner, key, hint, ", ".join(keys)))
