#!/usr/bin/env bash
# scripts/lib/fresh.sh TARBALL FOLDER DEB...: proves them in a fresh Debian that it makes in the folder; the first package is the
# main one. scripts/package runs it, as root, with mounts and processes of its own. Exits with 1 if a check failed, 6 if nothing could run.
self=package
. "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/setup.sh"

tarball=$1 work=$2 deb=$3 beside=("${@:4}")
user=12345 # an ordinary one

# ---- A Debian of its own ----

# A mirror that apt knows here has this machine's release. Sets `release` and `mirror`.
find_mirror() {
    local VERSION_CODENAME=
    # shellcheck disable=SC1091
    . /etc/os-release
    release=$VERSION_CODENAME
    # shellcheck disable=SC2016 # apt's own
    mirror=$(apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
        awk -v release="$release" '$1 == release && $2 == "main" { print $3; exit }')
    [[ $mirror ]] || die "--check: mirror: apt's sources here have no mirror of Debian ${release:-releases}: add one"
}

# Sets `tree`, where it will be: in memory where there is enough, since apt waits for every file to be on disk.
make_room() {
    local available
    available=$(awk '$1 == "MemAvailable:" { print int($2 / 1024) }' /proc/meminfo)
    ((available < 4096)) || mount -t tmpfs -o mode=755,size=3g tmpfs "$work"
    tree=$work/tree log=$build/package/log
}

# inside USER COMMAND...: in that Debian, as the user of that number; nothing that it starts outlives it.
inside() {
    local user=$1 pass=() name
    shift
    for name in http_proxy https_proxy no_proxy; do
        [[ ${!name-} ]] && pass+=("$name=${!name}")
    done
    # shellcheck disable=SC2016
    unshare --mount --pid --fork --kill-child -- bash -c '
        tree=$1 user=$2
        mount -t proc proc "$tree/proc" && mount --rbind /sys "$tree/sys" && mount -t tmpfs tmpfs "$tree/dev/shm" || exit
        exec chroot --userspec="$user:$user" "$tree" "${@:3}"' - "$tree" "$user" \
        /usr/bin/env -i -C /tmp PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp LANG=C.UTF-8 TERM=dumb \
        DEBIAN_FRONTEND=noninteractive "${pass[@]}" "$@"
}

# script USER: the same, of a script on the standard input, the first failure of which ends it.
script() {
    inside "$1" bash -euxo pipefail -c "$(cat)"
}

apt_inside() {
    inside 0 apt-get -y -q -o Dpkg::Options::=--force-unsafe-io "$@"
}

# What is there, but for what apt and dpkg keep for themselves.
list_files() {
    (cd -- "$tree" && find . \( -path ./proc -o -path ./sys -o -path ./dev -o -path ./var/cache -o -path ./var/log \
        -o -path ./var/lib/apt -o -path './var/lib/dpkg/*-old' \) -prune -o -print | LC_ALL=C sort)
}

# same_files BEFORE: what there was, and nothing else, is there.
same_files() {
    diff -- "$1" <(list_files)
}

# ---- Checks ----

# step WHAT COMMAND...: ends with 1 if it fails.
step() {
    local what=$1
    shift
    if "$@" >>"$log" 2>&1; then
        printf 'ok %3d s  %s\n' "$SECONDS" "$what"
        return
    fi
    tail -n 30 -- "$log" >&2
    say "$what: failed: the last lines stand above, all of it in $log"
    exit 1
}

bring() {
    install -m 644 -- "$1" "$tree/tmp/${1##*/}"
}

check_tarball() {
    bring "$tarball"
    step "the tarball runs where it was unpacked and moved, by a user, with nothing installed" script "$user" <<'END'
mkdir -p /tmp/mine/of
tar -xzf /tmp/*.tar.gz -C /tmp/mine/of
mv /tmp/mine/of/parbench-* /tmp/mine/moved
cd /tmp/mine/moved
bin/parbench --version
bin/bench list
bin/bench -w spin,sleep -e serial,thread,process --time 1s
rm -r /tmp/mine
END
    rm -- "$tree/tmp/${tarball##*/}"
    step "nothing of it is left" same_files "$work/bare"
}

check_package() {
    bring "$deb"
    step "apt installs the package" apt_inside install --no-install-recommends "/tmp/${deb##*/}"
    step "bench runs" script "$user" <<'END'
bench --version
bench list
bench -w sha,sleep -e serial,thread,process --time 1s
END
    step "apt purges the package" apt_inside purge --autoremove parbench
    rm -- "$tree/tmp/${deb##*/}"
    step "nothing of it is left" same_files "$work/bare"
}

# With a compiler and so on: what a package is for beside the program.
check_uses() {
    step "tools come" apt_inside install --no-install-recommends gcc libc6-dev make cmake pkgconf man-db \
        bash-completion python3
    list_files >"$work/tools"
    bring "$deb"
    step "apt installs the package beside them" apt_inside install --no-install-recommends "/tmp/${deb##*/}"
    step "a program is built by pkg-config and by find_package, and finds the modules" script "$user" <<'END'
mkdir /tmp/mine
cd /tmp/mine
cat >p.c <<'C'
#include <parbench/executor.h>
#include <stdio.h>
int main(void) { struct pb_executor_listing l; for (size_t i = 0; pb_executor_list(i, &l) == 0; i++) printf("%s: %s\n", l.name, l.absent ? l.absent : "here"); }
C
cat >CMakeLists.txt <<'C'
cmake_minimum_required(VERSION 3.25)
project(p C)
find_package(parbench 0.1 REQUIRED)
add_executable(p p.c)
target_link_libraries(p parbench::parbench)
add_executable(s p.c)
target_link_libraries(s parbench::parbench_static)
C
cc -o by_hand p.c $(pkg-config --cflags --libs parbench)
./by_hand | tee said
grep -x 'openmp: here' said
cmake -B out
cmake --build out
out/p | diff said -
out/s | grep -x 'process: here'
rm -r /tmp/mine
END
    step "functions in C and in Python are measured" script 0 <<'END'
mkdir /tmp/mine
cd /tmp/mine
cat >mine.c <<'C'
#include <stdint.h>
uint64_t task(uint64_t i) { return i * 6364136223846793005u; }
C
bench -w ./mine.c -e serial,thread --time 1s
bench -w python:func=arcfour -e py.serial,py.thread --time 1s
rm -r /tmp/mine
END
    step "manual pages and completion are found" script "$user" <<'END'
man -w bench parbench
man -w 3 parbench pb_submit
man bench | grep -q EXECUTOR || man bench | grep -q executor
bash -euc '. /usr/share/bash-completion/bash_completion || :; _completion_loader bench || :; complete -p bench' | grep _parbench
END
    step "apt purges the package" apt_inside purge --autoremove parbench
    rm -- "$tree/tmp/${deb##*/}"
    step "nothing of it is left" same_files "$work/tools"
}

# Under the first MPI that there is a package for. What an MPI leaves behind is not ours.
check_ranks() {
    local more=${beside[0]-} mpi
    [[ $more ]] || return 0
    mpi=${more##*/parbench-} mpi=${mpi%%_*}
    bring "$deb"
    bring "$more"
    step "apt installs the package for $mpi" apt_inside install --no-install-recommends "/tmp/${deb##*/}" "/tmp/${more##*/}" \
        "$(dpkg-deb --field "$more" Recommends)"
    step "ranks start" script "$user" <<'END'
bench list executors | grep -w mpi
bench -w sha -e thread,mpi -n 1 --rounds 3
END
    step "apt purges both" apt_inside purge --autoremove parbench "parbench-$mpi"
    rm -- "$tree/tmp/${deb##*/}" "$tree/tmp/${more##*/}"
    step "nothing of them is left" script 0 <<'END'
! find / \( -path /proc -o -path /sys -o -path /var/log -o -path /var/cache \) -prune -o -name '*parbench*' -print | grep .
END
}

check() {
    local tree release mirror
    find_mirror
    make_room
    SECONDS=0
    step "a fresh Debian $release" debootstrap --variant=minbase "$release" "$tree" "$mirror"
    step "apt knows what there is" apt_inside update
    list_files >"$work/bare"
    check_tarball
    check_package
    check_uses
    check_ranks
}

check
