# Sourced: `engine`, podman with a store of its own below $E2E_HOME, so that neither a daemon nor an image of the machine is touched,
# and the images that the cases build upon. Ends with 77 and a reason where that cannot be had.
# shellcheck shell=sh disable=SC2154
packages=python3,python3-pip,gunicorn,nodejs,nginx-light,busybox-static,curl
suite=bookworm

skip() {
    echo "skipped: $1" >&2
    exit 77
}

# Settings under which podman runs a container here: runtimes differ in the control groups that they can do with, and a machine
# may allow less than podman asks for.
write_settings() { # RUNTIME CGROUPS
    open=$(awk '/^Max open files/ { print $5 }' /proc/self/limits)
    cat >"$E2E_HOME/containers.conf" <<END
[containers]
cgroups = "$2"
default_ulimits = ["nofile=$open:$open", "nproc=4096:4096"]
netns = "none"
log_driver = "k8s-file"
[engine]
runtime = "$1"
cgroup_manager = "cgroupfs"
events_logger = "none"
END
}

find_settings() {
    for cgroups in enabled disabled; do
        for runtime in crun runc; do
            write_settings "$runtime" "$cgroups"
            said=$(podman run --rm localhost/unroot-e2e/root true 2>&1) && return
        done
    done
    skip "podman cannot run a container here: $said"
}

make_root() {
    [ ! -s "$E2E_HOME/root.tar" ] || return 0
    echo "making the root of the images from Debian packages" >&2
    mmdebstrap --quiet --variant=minbase --include="$packages" --dpkgopt='path-exclude=/usr/share/doc/*' \
        --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' "$suite" "$E2E_HOME/new.tar" ||
        skip "mmdebstrap could not make a root of Debian packages"
    mv "$E2E_HOME/new.tar" "$E2E_HOME/root.tar"
}

# A package repository of one package, which says hello.
make_repository() { # DIRECTORY
    mkdir -p "$1" "$E2E_HOME/greeter/DEBIAN" "$E2E_HOME/greeter/usr/bin"
    printf '#!/bin/sh\necho hello\n' >"$E2E_HOME/greeter/usr/bin/greeter"
    chmod 0755 "$E2E_HOME/greeter/usr/bin/greeter"
    printf '%s\n' 'Package: greeter' 'Version: 1.0' 'Architecture: all' 'Maintainer: nobody <nobody@localhost>' 'Description: says hello' \
        >"$E2E_HOME/greeter/DEBIAN/control"
    dpkg-deb --root-owner-group --build "$E2E_HOME/greeter" "$1/greeter.deb" >/dev/null
    cat "$E2E_HOME/greeter/DEBIAN/control" - >"$1/Packages" <<END
Filename: ./greeter.deb
Size: $(stat -c %s "$1/greeter.deb")
SHA256: $(sha256sum "$1/greeter.deb" | cut -d ' ' -f 1)
END
}

make_images() {
    key=$(cat "$here/engine.sh" "$here/images/Dockerfile" "$here"/images/files/* | sha256sum | cut -c 1-16)
    [ "$(cat "$E2E_HOME/images" 2>/dev/null)" != "$key" ] || return 0
    cp -r "$here/images" "$E2E_HOME/context"
    make_repository "$E2E_HOME/context/files/apt"
    for name in debian:bookworm-slim python:3.12-slim node:20-slim nginx:1.27; do
        podman build --quiet --target "${name%%:*}" --tag "docker.io/library/$name" "$E2E_HOME/context" >/dev/null
    done
    rm -rf "$E2E_HOME/context" "$E2E_HOME/greeter"
    echo "$key" >"$E2E_HOME/images"
}

make_engine() {
    for program in podman mmdebstrap dpkg-deb pgrep; do
        command -v "$program" >/dev/null || skip "$program is not installed"
    done
    mkdir -p "$E2E_HOME"
    export CONTAINERS_CONF="$E2E_HOME/containers.conf" CONTAINERS_STORAGE_CONF="$E2E_HOME/storage.conf" \
        CONTAINERS_REGISTRIES_CONF="$E2E_HOME/registries.conf"
    printf '[storage]\ndriver = "overlay"\ngraphroot = "%s"\nrunroot = "%s"\n' "$E2E_HOME/store" "$E2E_HOME/run" >"$CONTAINERS_STORAGE_CONF"
    echo 'unqualified-search-registries = ["docker.io"]' >"$CONTAINERS_REGISTRIES_CONF"
    : >"$CONTAINERS_CONF"
    podman image exists localhost/unroot-e2e/root || {
        make_root
        podman import --quiet --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' "$E2E_HOME/root.tar" \
            localhost/unroot-e2e/root >/dev/null || skip "podman cannot store an image here"
    }
    find_settings
    make_images
}
