"""Finds the function that an item names, and what is to be known of it.

    python:func=arcfour,size=16k            one that is shipped
    python:file=work.py,func=task,n=1000    one of the user's

What a function may say of itself stands in attributes, of the function or else of its module: `bound`, `statuses`,
`tasks`, `bytes_per_task`, `choices`, `setup`, `teardown`. docs/python.md says what they mean.
"""

import importlib
import importlib.machinery
import importlib.util
import inspect
import os
import sys
import traceback

from parbench_runner import interpreter, params
from parbench_runner.errors import RunnerError, nearest

SHIPPED = ("arcfour", "sha", "primes", "loiter", "flags")
OWN_KEYS = ("file", "func", "exe", "gil", "bound")  # exe and gil are for who starts this runner
MOST_STATUSES = 8


def _place_in(error, path):
    """FILE:LINE of the innermost frame that lies in the file, or of the innermost of all."""
    if isinstance(error, SyntaxError) and error.filename:
        is_it = os.path.abspath(error.filename) == os.path.abspath(path)
        return "%s:%d" % (path if is_it else error.filename, error.lineno or 1)
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if os.path.abspath(frame.filename) == os.path.abspath(path)]
    frame = (inside or frames)[-1]
    return "%s:%d" % (path if inside else frame.filename, frame.lineno)


def say(error):
    """"ValueError: no such thing"."""
    text = " ".join(str(getattr(error, "msg", error) if isinstance(error, SyntaxError) else error).split())
    return "%s: %s" % (type(error).__name__, text) if text else type(error).__name__


def _module_name(path):
    stem = os.path.splitext(os.path.basename(path))[0]
    taken = stem in sys.modules or stem in sys.builtin_module_names or importlib.util.find_spec(stem)
    return "parbench_work_" + stem if taken or not stem.isidentifier() else stem


class _Loader(importlib.machinery.SourceFileLoader):
    """Compiles the file as it stands, and leaves nothing beside it, as when it is run."""

    def get_code(self, fullname):
        return self.source_to_code(self.get_data(self.path), self.path)


def load_file(path, owner):
    """The file as a module, its folder first in sys.path as if it had been run."""
    full = os.path.abspath(path)
    if not os.path.isfile(full):
        raise RunnerError(-2, "%s: %s: there is no such file: give the path of a Python file" % (owner, path))
    name = _module_name(full)
    spec = importlib.util.spec_from_loader(name, _Loader(name, full))
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    sys.path.insert(0, os.path.dirname(full))
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        missing = isinstance(error, ImportError)
        remedy = "install it for %s, or name another Python by exe=" % sys.executable if missing else "mend the file"
        raise RunnerError(-22, "%s: %s: %s: %s" % (owner, _place_in(error, path), say(error), remedy)) from None
    return module


def _functions_in(module):
    return [name for name, value in vars(module).items()
            if inspect.isfunction(value) and value.__module__ == module.__name__
            and not name.startswith(("_", "async_"))]


def _find(pairs, owner):
    """Module and function."""
    if "file" in pairs:
        module = load_file(pairs["file"], owner)
        name = pairs.get("func", "task")
        found, names, where = getattr(module, name, None), _functions_in(module), pairs["file"]
    else:
        name, names, where = pairs.get("func", ""), SHIPPED, "without file="
        module = importlib.import_module("parbench_runner.shipped." + name) if name in SHIPPED else None
        found = getattr(module, name, None)
    if not name:
        raise RunnerError(-22, "%s: no function is named: give func= (%s), or file= with one of yours"
                          % (owner, ", ".join(names)))
    if not callable(found):
        there = "%sthere %s %s" % (nearest(name, names), "is" if len(names) == 1 else "are", ", ".join(names))
        raise RunnerError(-2, '%s: no function "%s": %s: %s'
                          % (owner, name, where, there if names else "define one"))
    return module, name, found


class Function:
    """One function with the values of its parameters. `call` is the plain function or None, `coroutine` the one for an
    event loop or None; both take the index and `values`."""

    def __init__(self, item):
        self.item = item
        self.owner = "workload " + item
        pairs = params.read_pairs(item.partition(":")[2], self.owner)
        self.module, self.function_name, function = _find(pairs, self.owner)
        self._attributes = function
        is_coroutine = inspect.iscoroutinefunction(function)
        twin = getattr(self.module, "async_" + self.function_name, None)
        self.call = None if is_coroutine else function
        self.coroutine = function if is_coroutine else twin if inspect.iscoroutinefunction(twin) else None
        self.name = "py." + self.function_name
        self.docstring = inspect.getdoc(function) or ""
        self.params = self._read_signature(function)
        self._read_values(pairs)
        self._read_attributes(pairs)

    def _attribute(self, name):
        return getattr(self._attributes, name, getattr(self.module, name, None))

    def _read_signature(self, function):
        choices = self._attribute("choices") or {}
        found, first = [], True
        try:
            signature = inspect.signature(function)
        except (TypeError, ValueError) as error:
            raise RunnerError(-22, "%s: %s: wrap it in a function of one argument" % (self.owner, error)) from None
        for parameter in signature.parameters.values():
            if first:
                first = False
            elif parameter.default is parameter.empty and parameter.kind in (
                parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
                raise RunnerError(-22, "%s: %s of %s has no default: only the first argument, the task's index, may "
                                  "lack one" % (self.owner, parameter.name, self.function_name))
            elif params.Param.is_one(parameter.default) and parameter.kind != parameter.POSITIONAL_ONLY:
                if parameter.name not in OWN_KEYS:
                    found.append(params.Param(parameter.name, parameter.default, choices.get(parameter.name),
                                              params.help_of(self.docstring, parameter.name)))
        if first:
            raise RunnerError(-22, "%s: %s takes no argument: let it take the task's index"
                              % (self.owner, self.function_name))
        return found

    def _read_values(self, pairs):
        known = {param.name: param for param in self.params}
        given = [key + "=" + pairs[key] for key in OWN_KEYS if key in pairs]
        for key in pairs:
            if key not in known and key not in OWN_KEYS:
                params.unknown(self.owner, key, list(known) + list(OWN_KEYS))
        self.values = {}
        full = list(given)
        for param in self.params:
            is_given = param.name in pairs
            self.values[param.name] = param.parse(pairs[param.name], self.owner) if is_given else param.default
            spelled = "%s=%s" % (param.name, param.spell(self.values[param.name]))
            full.append(spelled)
            if is_given:
                given.append(spelled)
        self.canonical, self.full = ("python:" + ",".join(part) for part in (given, full))

    def _read_attributes(self, pairs):
        self.bound = pairs.get("bound") or self._attribute("bound") or "cpu"
        if self.bound not in ("cpu", "io"):
            raise RunnerError(-22, '%s: bound "%s": there is none: choose cpu or io' % (self.owner, self.bound))
        statuses = self._attribute("statuses") or ()
        self.statuses = ["ok", "error"] + [str(name) for name in statuses if name not in ("ok", "error")]
        if len(self.statuses) > MOST_STATUSES:
            raise RunnerError(-22, "%s: more than %d statuses: name fewer" % (self.owner, MOST_STATUSES))

    def _count(self, name):
        """A number that the function states, as such or as a function of its parameters; 0: it does not."""
        value = self._attribute(name)
        try:
            value = value(**self.values) if callable(value) else value or 0
        except Exception as error:
            raise RunnerError(-22, "%s: %s: %s: mend it" % (self.owner, name, say(error))) from None
        if not isinstance(value, int) or value < 0:
            raise RunnerError(-22, "%s: %s: it is no whole number: let it be one" % (self.owner, name))
        return value

    @property
    def tasks(self):
        return self._count("tasks")

    @property
    def bytes_per_task(self):
        return self._count("bytes_per_task")

    def set_up(self):
        """Calls its `setup`; a mapping that comes back replaces arguments. The pool's workers get them as they are."""
        hook = self._attribute("setup")
        try:
            more = hook(**self.values) if hook else None
        except Exception as error:
            raise RunnerError(-22, "%s: setup: %s: mend it" % (self.owner, say(error))) from None
        return dict(self.values, **(more or {}))

    def tear_down(self):
        hook = self._attribute("teardown")
        if hook:
            hook()

    def description(self):
        first = self.docstring.strip().partition("\n")[0].rstrip(".")
        return {"item": self.item, "name": self.name, "bound": self.bound,
                "summary": "%s; %s" % (first or self.function_name, interpreter.describe()),
                "canonical": self.canonical, "full": self.full,
                "params": [param.description() for param in self.params]}
