#!/bin/sh
# Makes the Debian package of a build, unpacks it as dpkg would, and runs the program that is in it.
# deb.sh BUILD_DIR
set -eu
if ! command -v dpkg-deb >/dev/null; then
    echo "skipped: there is no dpkg-deb"
    exit 77
fi
build=$1
work=$build/tests/deb
rm -rf "$work"
mkdir -p "$work"
cd "$work"
cpack -G DEB --config "$build/CPackConfig.cmake" -B "$work" >cpack.log || {
    cat cpack.log
    exit 1
}
package=$(echo "$work"/*.deb)
dpkg-deb --info "$package"
dpkg-deb --extract "$package" root
program=root/usr/bin/unroot
expected="$("$build/unroot" --version)"
[ "$("$program" --version)" = "$expected" ]
printf 'FROM node:20\nWORKDIR /app\nCOPY . .\nCMD ["node", "a.js"]\n' | "$program" fix - | grep '^USER node$'
for file in include/unroot/unroot.h share/bash-completion/completions/unroot share/zsh/vendor-completions/_unroot \
    share/fish/vendor_completions.d/unroot.fish share/doc/unroot/LICENSE; do
    [ -s "root/usr/$file" ] || {
        echo "$file is not in the package"
        exit 1
    }
done
[ ! -e "$build/man" ] || [ -s root/usr/share/man/man1/unroot.1 ]
