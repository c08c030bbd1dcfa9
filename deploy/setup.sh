# shellcheck shell=bash
# What deploy/demo and tests/run have in common: Debian's packages, and a virtual environment. Sourced, by bash.
#
#   need_packages NAME...     installs those that are missing from Debian's archive, as root or with sudo
#   need_environment NAME EXTRA   sets `python` to an interpreter that has this project with that extra installed
#
# Both do nothing, quickly, when there is nothing to do. `checkout` is the directory of the working tree.

set -euo pipefail

checkout=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)

say() {
    printf '%s\n' "$*" >&2
}

fail() {
    say "$@"
    exit 1
}

# Runs a command quietly; shows what it said only if it fails.
quietly() {
    local said status=0
    said=$("$@" 2>&1 </dev/null) || status=$?
    [ "$status" -eq 0 ] || printf '%s\n' "$said" | tail -n 40 >&2
    return "$status"
}

need_packages() {
    if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
        say "This is not Debian: make sure that there is what these Debian packages hold: $*"
        return
    fi
    local missing=() name
    for name in "$@"; do
        is_installed "$name" || missing+=("$name")
    done
    [ ${#missing[@]} -eq 0 ] || install_packages "${missing[@]}"
}

is_installed() {
    [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null || true)" = installed ]
}

install_packages() {
    local install=(apt-get install --yes --no-install-recommends -o DPkg::Lock::Timeout=300 "$@")
    become_root "$@"
    say "Installing from Debian: $*"
    if ! "${as_root[@]}" "${install[@]}" >/dev/null 2>&1 </dev/null; then  # where apt has no list yet, or an old one
        quietly "${as_root[@]}" apt-get update -o DPkg::Lock::Timeout=300 ||
            fail "apt-get update failed, for the reason above. Is the network up, and /etc/apt/sources.list right?"
        quietly "${as_root[@]}" "${install[@]}" ||
            fail "These packages could not be installed, for the reason above: $*"
    fi
}

# Sets `as_root` to what makes a command root's, or ends with the one line that installs these packages.
become_root() {
    local packages=$* quiet=(env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8)
    if [ "$(id -u)" -eq 0 ]; then
        as_root=("${quiet[@]}")
    elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || { [ -t 0 ] && [ -t 2 ] && sudo -v; }; }; then
        as_root=(sudo "${quiet[@]}")
    else
        fail "Some Debian packages are missing, and installing them needs root. Run this as root, then try again:

  apt-get update && apt-get install --yes --no-install-recommends $packages
"
    fi
}

need_environment() {
    local place stamp
    place=$(place_of "$1")
    # shellcheck disable=SC2034  # it is for whoever sources this
    python=$place/environment/bin/python
    stamp="$(distribution_python -V) $(cat "$checkout"/{pyproject.toml,setup.py,languages/*.po} | sha256sum) $2 $checkout"
    (
        flock 9  # somebody may do the same at the same time
        if [ "$(cat "$place/stamp" 2>/dev/null)" != "$stamp" ]; then
            rm -f "$place/stamp"
            make_environment "$place" "$2"
            printf '%s\n' "$stamp" >"$place/stamp"
        fi
    ) 9>"$place/lock"
}

# A directory of our own: in the checkout, or in the cache where that cannot be written to.
place_of() {
    if [ ! -w "$checkout" ]; then
        local cache=${XDG_CACHE_HOME:-${HOME:?}/.cache}/crewcheck-agent copy
        copy=$cache/$(printf '%s' "$checkout" | sha256sum | cut -c1-12)
        say "The checkout cannot be written to; working in $copy"
        mkdir -p "$copy/$1"
        printf '%s' "$copy/$1"
    else
        mkdir -p "$checkout/.venv/$1"
        printf '%s' "$checkout/.venv/$1"
    fi
}

make_environment() {
    local place=$1 source=$checkout
    if [ ! -w "$checkout" ]; then  # building a package writes beside its source
        source=$place/source
        rm -rf "$source"
        mkdir -p "$source"
        cp -R "$checkout"/{pyproject.toml,setup.py,MANIFEST.in,languages,src} "$checkout"/*.md "$source"
        chmod -R u+w "$source"
    fi
    say "Installing the Python packages into $place/environment (once; a minute or two)"
    quietly distribution_python -m venv --clear "$place/environment" ||
        fail "The virtual environment could not be made, for the reason above."
    quietly "$place/environment/bin/python" -m pip install --disable-pip-version-check --no-input \
        --editable "${source}[$2]" ||
        fail "pip could not install the Python packages, for the reason above. Behind a proxy or a company's own" \
            "package index, set HTTPS_PROXY, PIP_INDEX_URL, PIP_CERT or pip.conf: they are respected."
}

# The distribution's own interpreter, else whatever python3 is, if it is new enough.
distribution_python() {
    local candidate
    for candidate in /usr/bin/python3 python3; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            "$candidate" "$@"
            return
        fi
    done
    fail "Python 3.11 or newer is needed: install Debian's python3."
}
