# Sourced: a directory for one editor's test, and checks. UNROOT is the program, EDITORS the folder editors/.
# shellcheck shell=sh
set -eu
UNROOT=$1 EDITORS=$2
export UNROOT EDITORS
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
HOME=$folder
export HOME
faults=0

fault() {
    echo "FAULT: $1" >&2
    faults=$((faults + 1))
}

needs() {
    command -v "$1" >/dev/null || {
        echo "skipped: no $1 here"
        exit 77
    }
}

# Files in the state that an editor finds them in.
put_files() {
    rm -rf files want
    mkdir -p files/'a b' want
    printf 'FROM node:20-slim\nWORKDIR /srv\nCOPY . .\nCMD ["node", "server.js"]\n' >files/Dockerfile
    printf 'FROM node:20-slim\r\n# h\303\251\r\nCMD ["node", "server.js"]\r\n' >'files/a b/Dockerfile'
    printf 'FROM scratch\nFRMO x\n' >files/refused.Dockerfile
    printf 'FROM scratch\nCOPY a /a\nUSER 65532:65532\nENTRYPOINT ["/a"]\n' >files/clean.Dockerfile
}

# same FILE WANTED: the bytes.
same() {
    cmp -s "$1" "$2" || {
        fault "$1 is not as it should be:"
        diff -a "$2" "$1" >&2 || true
    }
}

# What the program itself makes of the file, in the place of the file.
fixed() {
    "$UNROOT" fix --stdin-filename "$1" - <"$1"
}

finish() {
    [ "$faults" -eq 0 ] || exit 1
    echo "ok"
    exit 0
}
