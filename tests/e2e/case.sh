#!/bin/sh
# One case: case.sh UNROOT FOLDER, which holds
#   Dockerfile   whose first line is a comment that says why the case exists
#   context/     the rest of its build context
#   args         options of unroot verify, one a line
#   verdict      the exit code and a part of what is printed; without it the fix has to work as the original does
#   wrong/*      fixes that are wrong, and have to be found out. The first line says by what: "# what is printed: why"
set -eu
unroot=$1 folder=$2
name=$(basename "$folder")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
wrong=0

judge() { # NAME CODE TEXT [OPTION…]
    what=$1 expected=$2 text=$3
    shift 3
    while read -r argument; do
        set -- "$@" "$argument"
    done <"$work/args"
    code=0
    "$unroot" verify --isolated --engine podman --network none --build-network none --strict "$@" "$work/context/Dockerfile" \
        >"$work/out" 2>&1 || code=$?
    if [ "$code" -eq "$expected" ] && grep -qF -- "$text" "$work/out"; then
        echo "ok    $what" >>"$work/report"
    else
        wrong=1
        { echo "WRONG $what: exit code $code, expected $expected and \"$text\":" && cat "$work/out"; } >>"$work/report"
    fi
}

mkdir "$work/context"
[ ! -d "$folder/context" ] || cp -R "$folder/context/." "$work/context"
cp "$folder/Dockerfile" "$work/context/Dockerfile"
cat "$folder/args" >"$work/args" 2>/dev/null || :
if [ -f "$folder/verdict" ]; then
    read -r code text <"$folder/verdict"
    judge "$name" "$code" "$text"
else
    judge "$name" 0 ": same: "
fi
for fix in "$folder"/wrong/*; do
    [ ! -f "$fix" ] || judge "$name, $(basename "$fix")" 1 "$(sed -n '1s/^# \(.*\): .*/\1/p' "$fix")" --fixed "$fix"
done
cat "$work/report"
exit $wrong
