# Sourced: installs what the project is built and tested with on Debian and Ubuntu, unless it is there.
# shellcheck shell=sh
packages="cmake ninja-build gcc g++ clang libclang-rt-dev pkg-config libpcre2-dev libjansson-dev libyaml-dev libcmocka-dev
    libcurl4-openssl-dev git patch python3 python3-yaml scdoc dpkg-dev strace"

install_packages() {
    # shellcheck disable=SC2086
    if ! command -v dpkg-query >/dev/null; then
        echo "not a Debian system: these have to be installed already: $packages" >&2
        return
    elif dpkg-query -W -f '${db:Status-Status}\n' $packages 2>/dev/null | sort | uniq -c |
        grep -q "^ *$(echo $packages | wc -w) installed\$"; then
        return
    fi
    as_root=
    [ "$(id -u)" -eq 0 ] || as_root=sudo
    # shellcheck disable=SC2086
    $as_root apt-get update -q && DEBIAN_FRONTEND=noninteractive $as_root apt-get install -qy --no-install-recommends $packages
}
install_packages
