"""SCHEMA FILE...: each keeps to it, and holds no number that is not one."""
import json
import sys

import jsonschema


def refuse(word):
    raise ValueError(word)


with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
check = jsonschema.validators.validator_for(schema)(schema)
for path in sys.argv[2:]:
    with open(path, encoding="utf-8") as file:
        check.validate(json.load(file, parse_constant=refuse))
    print(path, "valid")
