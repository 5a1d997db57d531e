"""`python3 scripts/pictures NAME ARGS...` runs pictures/NAME.py, with nothing from the folder that it is called in."""
import importlib
import os
import sys

sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.exit(importlib.import_module("pictures." + sys.argv[1]).main(sys.argv[2:]))
