# What scripts/seed and scripts/results do: results that are kept, each measured by the command line of its row. Sourced with `self`
# set; then they set `rows`, `time` and `into`, define `finish NAME FILE`, called once FILE.json and FILE.txt are there, and call measure_all.
#
# A row is a name and the words of its command line; @ stands for what an item of Python is begun with.
. "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/setup.sh"

names=() lists=''
python=${PYTHON:-python3}
bench=$build/release/bin/bench

usage() {
    say "$@"
    exit 2
}

parse() {
    local known
    known=" $(printf '%s ' "${rows[@]%% *}")"
    while (($#)); do
        case $1 in
        --help)
            sed -n '2,/^self=/{/^self=/d;s/^# \{0,1\}//;p}' "$0"
            exit 0
            ;;
        --list) lists=yes ;;
        --time | --into)
            (($# > 1)) || usage "$1: no value: scripts/$self --help shows what it takes"
            printf -v "${1#--}" %s "$2"
            shift
            ;;
        -*) usage "$1: no such option: scripts/$self --help lists them" ;;
        *)
            [[ $known == *" $1 "* ]] || usage "$1: there is none of that name: there are$known"
            names+=("$1")
            ;;
        esac
        shift
    done
    ((${#names[@]})) || read -ra names <<<"$known"
}

# words NAME: sets `words` to the command line of its row.
words() {
    local row item=python:
    [[ $python == python3 ]] || item+=exe=$python,
    for row in "${rows[@]}"; do
        [[ ${row%% *} == "$1" ]] || continue
        row=${row#"$1"}
        read -ra words <<<"${row//@/$item}"
    done
}

# measure NAME: both files. Where this tree lies is nobody's business, nor what lies in the home directory: a tilde stands
# for that.
measure() {
    local words file=$into/$1
    words "$1"
    say "$1: bench ${words[*]} --time $time"
    "$bench" "${words[@]}" --time "$time" -o "$file.json" >"$file.txt" || status=$?
    [[ -s $file.txt && -e $file.json ]] || return
    sed -i "s|$root/||g; s|$HOME/|~/|g" "$file.json" "$file.txt"
    finish "$1" "$file"
}

# measure_all WORD...: everything the script does.
measure_all() {
    local name words status=0
    parse "$@"
    if [[ $lists ]]; then
        for name in "${names[@]}"; do
            words "$name"
            printf '%-8s bench %s\n' "$name" "${words[*]}"
        done
        exit 0
    fi
    type -P "$python" >/dev/null || die "$python: not found: install python3, or set PYTHON to a CPython"
    ready release bench "${build_packages[@]}"
    unset "${!PARBENCH_@}"
    mkdir -p -- "$into" && [[ -w $into ]] || die "$into: cannot be written: give another folder by --into"
    for name in "${names[@]}"; do
        measure "$name"
    done
    exit "$status"
}
