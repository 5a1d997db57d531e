"""Started as `python3 PATH/parbench_runner`. Takes the protocol's two descriptors for itself before anything else."""

import os
import sys


def keep_descriptors():
    """The protocol's input and output, out of everybody's reach: what is printed goes to standard error, what is read
    is empty."""
    kept = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    os.close(null)
    return kept


def find_package():
    """A folder that is run stands in sys.path itself: its modules would hide the user's of the same name."""
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [path for path in sys.path if os.path.abspath(path or os.curdir) != here]
    sys.path.insert(0, os.path.dirname(here))


if __name__ == "__main__":
    descriptors = keep_descriptors()
    if sys.version_info < (3, 8):
        message = '{"type":"error","code":-95,"text":"%s: it is Python %d.%d: give an exe= of 3.8 or later"}\n'
        os.write(descriptors[1], (message % (os.path.basename(sys.executable), *sys.version_info[:2])).encode())
        sys.exit(6)
    find_package()
    from parbench_runner.serve import Runner

    sys.exit(Runner(*descriptors).serve())
