# Set-up that scripts/bench, scripts/test, scripts/build and .ci/run share. Sourced by them with `self` set to
# the name that messages begin with; sets `root`, `build` and `log`. Any failure of its own exits with 6.
#
# How it knows that there is nothing to do: build/PRESET/.built carries the time at which the last good build
# began, .done the time at which it ended. Sources (directories too: they show additions and deletions) whose
# status changed after .built, or outputs that changed after .done, make a build; otherwise nothing is run but
# dpkg-query and find. Whoever builds or installs holds the lock build/.lock, and looks again once it has it.

unset CDPATH
lib=$(readlink -f "${BASH_SOURCE[0]}")
lib=${lib%/*}
root=${lib%/scripts/lib}
build=$root/build
log=$build/log

# A row is a package, and after a colon the commands of which one will do in its place, whoever installed it.
# A question mark after the package: wanted, but the program can be built without.
build_packages=(gcc:cc,clang libc6-dev cmake:cmake ninja-build:ninja pkgconf:pkg-config libhwloc-dev libjansson-dev
    'libsmartcols-dev?' 'libssl-dev?' 'liburing-dev?' 'libcurl4-openssl-dev?' 'libmicrohttpd-dev?' 'python3?:python3')
package_packages=("${build_packages[@]}" dpkg-dev:dpkg-shlibdeps file:file)
picture_packages=(python3 python3-numpy python3-matplotlib python3-jinja2)
picture_modules=(numpy matplotlib jinja2)
test_packages=("${build_packages[@]}" libcriterion-dev clang-format:clang-format jq:jq openssl:openssl git:git
    python3 python3-jsonschema python3-scipy libbenchmark-tools hyperfine:hyperfine libxml2-utils:xmllint
    cmark-gfm:cmark-gfm xz-utils:xz 'gdb?:gdb' 'g++?:c++,clang++' 'relacy-dev?' 'spin?:spin' 'man-db?:man'
    'libopenmpi-dev?:mpicc.openmpi' 'openmpi-bin?:mpiexec.openmpi' 'libmpich-dev?:mpicc.mpich' 'mpich?:mpiexec.mpich' 'iproute2?:ip'
    "${picture_packages[@]}" 'chromium?:chromium' 'chromium-driver?:chromedriver')

say() {
    printf '%s: %s\n' "$self" "$*" >&2
}

die() {
    say "$@"
    exit 6
}

# failed STEP WHAT: shows the end of the log, and ends.
failed() {
    tail -n 30 -- "$log" >&2
    die "$1: $2: its last lines stand above, all of it in $log"
}

interactive() {
    [[ -t 0 && -t 2 && -z ${CI:-} ]]
}

# ---- Packages ----

# has_any COMMAND,COMMAND...
has_any() {
    local name
    for name in ${1//,/ }; do
        type -P "$name" >/dev/null && return 0
    done
    return 1
}

# Sets `needed` and `wanted` to the packages of the rows ROW... that are missing.
find_missing() {
    local row package here asked=()
    needed=() wanted=()
    type -P dpkg-query >/dev/null || return 0 # not Debian: the configuration will say what it misses
    for row; do
        [[ $row == *:* ]] && has_any "${row#*:}" && continue
        asked+=("${row%%:*}")
    done
    ((${#asked[@]})) || return 0
    here=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "${asked[@]%\?}" 2>/dev/null)
    for row in "${asked[@]}"; do
        package=${row%\?}
        [[ $'\n'$here$'\n' == *$'\n'"installed $package"$'\n'* ]] && continue
        if [[ $package == "$row" ]]; then
            needed+=("$package")
        else
            wanted+=("$package")
        fi
    done
}

# Succeeds if the user wants PACKAGE... installed; nobody to ask means yes.
agreed() {
    local answer
    interactive || return 0
    read -r -p "$self: packages: $* are missing: install them now? [Y/n] " answer || return 1
    [[ -z $answer || $answer == [Yy]* ]]
}

# Sets `as` to what makes a command run as root, or fails.
become_root() {
    as=()
    ((EUID)) || return 0
    as=(sudo -n)
    sudo -n true 2>/dev/null && return 0
    as=(sudo)
    interactive && type -P sudo >/dev/null
}

apt() {
    "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" \
        >>"$log" 2>&1 9>&-
}

# Installs what find_missing found. Without the needed ones it ends; without the wanted ones it goes on.
install_missing() {
    local packages=("${needed[@]}" "${wanted[@]}") hint as
    hint="sudo apt-get install --no-install-recommends ${packages[*]}"
    type -P sudo >/dev/null || hint+=" (there is no sudo here: as root, without it)"
    if ! become_root || ! agreed "${packages[@]}"; then
        ((${#needed[@]})) && die "packages: ${packages[*]} are missing: type: $hint"
        say "packages: ${wanted[*]} are missing, so a part will be absent: to have it, type: $hint"
        return
    fi
    say "packages: installing ${packages[*]}"
    apt install --no-install-recommends "${packages[@]}" ||
        { apt update && apt install --no-install-recommends "${packages[@]}"; } || {
        tail -n 30 -- "$log" >&2
        die "packages: apt-get could not install ${packages[*]} (its last lines stand above): to see why, type: $hint"
    }
    rm -f -- "$build"/*/.configured # what was absent may now be found
}

# A python3 that is a script, as pyenv's is, looks for the interpreter each time, which takes it ten times as long as
# that takes to start; the suites start some hundred. So let PATH begin with where the interpreter is.
find_interpreter() {
    local first path
    first=$(type -P python3) && [[ $(head -c 2 -- "$first") == '#!' ]] || return 0
    path=$(python3 -c 'import sys; print(sys.executable)' 2>/dev/null) && [[ -x $path ]] && PATH=${path%/*}:$PATH
    return 0
}

# ---- Build ----

# Sets `sources`: what the outputs of PRESET are made from.
find_sources() {
    sources=("$root"/{CMakeLists.txt,CMakePresets.json,cmake,src,bench,share} "$lib/setup.sh")
    [[ $1 == release ]] || sources+=("$root/tests")
}

# changed REFERENCE PATH... [-- EXPRESSION...]: something below PATH... is younger than REFERENCE, or unreadable.
changed() {
    local reference=$1 first
    shift
    first=$(find "$@" -cnewer "$reference" -print -quit 2>&1)
    [[ -n $first ]]
}

# PROGRAM of PRESET is there and as new as its sources.
is_fresh() {
    local dir=$build/$1 program=$2 sources
    find_sources "$1"
    [[ -x $program && -e $dir/.built && -e $dir/.done ]] || return 1
    [[ $(<"$dir/.built") == "$root" ]] || return 1
    ! changed "$dir/.built" "${sources[@]}" && ! changed "$dir/.done" "$dir/bin"
}

# configure PRESET [OPTION...]
configure() {
    local preset=$1 dir=$build/$1
    shift
    if [[ -e $dir/.configured && -e $dir/build.ninja && ! $root/CMakePresets.json -nt $dir/.configured &&
        ! $lib/setup.sh -nt $dir/.configured && $(<"$dir/.configured") == "$root" ]]; then
        return
    fi
    if [[ -e $dir/CMakeCache.txt ]] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$dir/CMakeCache.txt"; then
        rm -rf -- "$dir" # built for a copy of this tree elsewhere
    fi
    say "configure: $preset"
    (cd -- "$root" && cmake --preset "$preset" "$@") >>"$log" 2>&1 9>&- || failed configure "cmake failed"
    printf '%s\n' "$root" >"$dir/.configured"
}

# Sources that were replaced by older ones (cp -p, rsync -a): ninja, which compares times, would not see them.
replaced() {
    local sources
    find_sources "$1"
    [[ -e $build/$1/.built ]] &&
        [[ -n $(find "${sources[@]}" -type f -cnewer "$build/$1/.built" ! -newer "$build/$1/.built" -print -quit) ]]
}

compile() {
    local preset=$1 dir=$build/$1 jobs targets=()
    jobs=$(nproc)
    [[ $preset == fuzz ]] && targets=(--target fuzz-reader)
    say "build: $preset"
    if replaced "$preset"; then
        cmake --build "$dir" --target clean >>"$log" 2>&1 9>&- || failed build "$preset could not be cleaned"
    fi
    rm -f -- "$dir/.built" "$dir/.done"
    printf '%s\n' "$root" >"$dir/.begun"
    cmake --build "$dir" -j "$jobs" "${targets[@]}" >>"$log" 2>&1 9>&- || failed build "$preset does not compile"
    mv -- "$dir/.begun" "$dir/.built"
    : >"$dir/.done"
}

# Takes the lock of who installs or builds; `exec 9>&-` gives it back.
hold() {
    if ((${#needed[@]})) && ((EUID)) && ! become_root; then
        install_missing # says what to type, and ends
    fi
    mkdir -p -- "$build" 2>/dev/null && : 2>/dev/null >>"$log" && exec 9>>"$build/.lock" ||
        die "build: $build cannot be written: make it writable, or work in a copy of the tree that is yours"
    flock -n 9 || {
        say "build: waiting for another one that is building here"
        flock 9
    }
}

# provide ROW...: the packages of ROW..., and no build.
provide() {
    local needed wanted
    find_missing "$@"
    ((${#needed[@]})) || return 0
    hold
    find_missing "$@"
    : >"$log"
    ((${#needed[@]})) && install_missing
    exec 9>&-
}

# ready PRESET PROGRAM ROW...: makes build/PRESET/bin/PROGRAM, with the packages of ROW..., unless it is there.
ready() {
    local preset=$1 program=$build/$1/bin/$2 needed wanted options=()
    shift 2
    find_missing "$@"
    ((${#needed[@]} == 0)) && is_fresh "$preset" "$program" && return

    hold
    find_missing "$@"
    if ((${#needed[@]})) || ! is_fresh "$preset" "$program"; then
        : >"$log"
        ((${#needed[@]} + ${#wanted[@]})) && install_missing
        [[ $preset == release ]] && options=(-DPB_TESTS=OFF)
        configure "$preset" "${options[@]}"
        compile "$preset"
        [[ -x $program ]] || die "build: $preset was built, but there is no $program: is its target there?"
    fi
    exec 9>&-
}
