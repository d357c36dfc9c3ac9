#!/bin/sh
# Installs what is needed, builds with gcc and clang, and runs all tests: with clang's fuzzers replaying their
# seeds, under AddressSanitizer and UndefinedBehaviorSanitizer, and as released; in the end those that need a container
# engine, editors or npm, which say so where they are skipped. UNROOT_VSCODE names a folder for 1.1 GB where Visual
# Studio Code is to be driven, too.
set -eu
cd "$(dirname "$0")/.."
. tests/packages.sh
for preset in fuzz asan release; do
    echo "== $preset"
    cmake --log-level=WARNING --preset "$preset"
    cmake --build --preset "$preset" -j "$(nproc)"
    ctest --preset "$preset"
done

echo "== heavy"
for packages in "podman crun runc mmdebstrap procps" "neovim vim vim-ale emacs-nox elpa-eglot kakoune" pre-commit "nodejs npm"; do
    [ "$packages" = "nodejs npm" ] && command -v npm >/dev/null && continue
    install_packages || echo "not all of these could be installed: $packages" >&2
done
if [ -n "${UNROOT_VSCODE:-}" ]; then # by itself: a browser and a server take all that two cores have
    packages=chromium
    install_packages || echo "chromium could not be installed" >&2
    ctest --preset vscode
fi
ctest --preset heavy
