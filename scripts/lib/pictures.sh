# What scripts/plot, scripts/report and scripts/history do: set up what Python draws with, and become pictures/$self.py.
# Sourced by them with `self` set. Exits with 2 for wrong options and files, and with 6 if nothing can be drawn or written.
. "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/setup.sh"
provide "${picture_packages[@]}"
python=$("$lib/python.sh" "${picture_modules[@]}") || exit 6
exec "$python" -B "$root/scripts/pictures" "$self" "$@"
