# Sourced: what npm brings. Where there is no registry a test is skipped; where there is one, it has to answer.
# shellcheck shell=sh

skip() {
    echo "skipped: $1"
    exit 77
}

needs() {
    for program; do
        command -v "$program" >/dev/null || skip "no $program here"
    done
}

# npm_fetch ARGUMENT…: npm with these, quietly, and from its cache what is there.
npm_fetch() {
    npm "$@" --loglevel=error --no-audit --no-fund --prefer-offline >npm.log 2>&1 && return
    cat npm.log
    npm ping --fetch-retries=0 --fetch-timeout=20000 >>npm.log 2>&1 || skip "npm's registry cannot be reached"
    exit 1
}
