#!/bin/sh
# Builds two BusyBoxes from Debian's source package into DIRECTORY: busybox-alpine with Alpine's options (ids up to
# 256000, names checked) and busybox-stock with the defaults of the official image (ids up to 60000).
# usage: build-busybox.sh DIRECTORY
set -eu

mkdir -p "$1"
out=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# Debian's source index, without touching the machine's own lists.
# shellcheck disable=SC1091 # the machine's own file
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
mkdir -p lists/partial
echo "deb-src http://deb.debian.org/debian $release main" >sources.list
set -- -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$work/lists" \
	-o APT::Sandbox::User=root
apt-get "$@" -q update >log
apt-get "$@" -q source --download-only busybox >>log
mkdir source
tar -xf busybox_*.orig.tar.* -C source --strip-components=1

build() { # name last-id options
	mkdir "$1"
	make -s -C source O="$work/$1" allnoconfig >>log
	for option in STATIC ADDUSER ADDGROUP FEATURE_ADDUSER_TO_GROUP FEATURE_SHADOWPASSWDS USE_BB_PWD_GRP \
		USE_BB_SHADOW LONG_OPTS FEATURE_ADDUSER_LONG_OPTIONS FEATURE_ADDGROUP_LONG_OPTIONS BUSYBOX \
		FEATURE_INSTALLER $3; do
		sed -i "s/^# CONFIG_$option is not set/CONFIG_$option=y/" "$1/.config"
	done
	yes '' | make -s -C "$1" oldconfig >>log 2>&1
	sed -i "s/^CONFIG_LAST_ID=.*/CONFIG_LAST_ID=$2/" "$1/.config"
	make -s -C "$1" -j2 >>log 2>&1 || { cat log; exit 1; }
	cp "$1/busybox" "$out/busybox-$1"
}
build alpine 256000 FEATURE_CHECK_NAMES
build stock 60000 ''
