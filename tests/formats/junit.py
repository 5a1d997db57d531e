"""XSD FILE...: valid by xmllint, and the counts of each suite are those of its tests."""
import subprocess
import sys
import xml.etree.ElementTree

schema, *files = sys.argv[1:]
done = subprocess.run(["xmllint", "--noout", "--nonet", "--schema", schema, *files], capture_output=True, text=True)
if done.returncode:
    sys.exit(done.stderr)
for path in files:
    root = xml.etree.ElementTree.parse(path).getroot()
    for suite in [root, *root]:
        cases = suite.findall(".//testcase")
        for key, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(key)) == sum(case.find(element) is not None for case in cases), (path, key)
        assert int(suite.get("tests")) == len(cases), path
    names = [case.get("name") for case in root.iter("testcase")]
    print(path, len(names))
