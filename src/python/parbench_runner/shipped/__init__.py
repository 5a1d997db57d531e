"""The works of Fluent Python's chapter on futures, in Python: a module each, named like its function."""
