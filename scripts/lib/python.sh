#!/usr/bin/env bash
# scripts/lib/python.sh MODULE...: prints the path of a python3 that can import them all. The first python3 on the
# path may be one that lacks what Debian's packages brought, so Debian's is asked first. Exits with 6 if none can.
imports=$(printf 'import %s\n' "$@")
while IFS= read -r python; do
    [[ -x $python ]] && "$python" -c "$imports" >/dev/null 2>&1 </dev/null || continue
    printf '%s\n' "$python"
    exit 0
done < <(
    printf '/usr/bin/python3\n'
    type -a -P python3
    printf '/usr/local/bin/python3\n'
)

packages=(python3)
for module; do
    module=${module%%.*}
    module=${module,,}
    packages+=("python3-${module//_/-}")
done
printf 'python: no python3 here has %s: missing: type: sudo apt-get install --no-install-recommends %s\n' \
    "${*:-what it needs}" "${packages[*]}" >&2
exit 6
