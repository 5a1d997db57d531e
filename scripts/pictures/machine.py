"""The machine as boxes within boxes: packages, last-level caches, cores, processing units."""
from .record import clean


def processors(text):
    """Of `0-3,8`: the set of numbers."""
    numbers = set()
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        numbers.update(range(int(first), int(last or first) + 1))
    return numbers


def _size(size):
    return f"{size >> 20} MiB" if size and size >= 1 << 20 else f"{(size or 0) >> 10} KiB"


def drawn(record):
    topology, limits = record.machine["topology"], record.machine["limits"]
    usable = processors(limits["allowed"])
    last = max(topology["caches"], key=lambda c: c["level"], default=None)
    cache_name = f"L{last['level']} cache, {_size(last['size_bytes'])}" if last else "cache"
    packages = {}
    for pu in topology["pus"]:
        cores = packages.setdefault(pu["package"], {}).setdefault(pu["last_level_cache"], {})
        cores.setdefault(pu["core"], []).append({"cpu": pu["cpu"], "usable": pu["cpu"] in usable})
    words = (
        f"{clean(topology['cpu_model']) or 'unknown processor'}: {topology['packages']} package(s), {topology['numa_nodes']} NUMA "
        f"node(s), {topology['cores']} cores, {len(topology['pus'])} processing units, of which {limits['processors']} usable"
    )
    if limits["quota"] is not None:
        words += f"; a quota allows {limits['quota']:g}"
    return {
        "words": words,
        "packages": [
            [{"name": cache_name, "cores": list(cores.values())} for cores in caches.values()] for caches in packages.values()
        ],
    }
