#!/bin/sh
# Ctrl-C while a step of the build runs, and while a container does: nothing stays behind. interrupt.sh UNROOT
set -eu
unroot=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sleeper='sleep 5432'

# All that podman keeps, and what runs in its containers.
left() {
    podman ps --all --external --quiet
    podman images --all --quiet | sort -u
    pgrep -f "^$sleeper\$" || :
}

interrupt() { # OPTION…
    before=$(left)
    env --default-signal=INT "$unroot" verify --isolated --engine podman --network none --build-network none --timeout 600 "$@" \
        "$work/Dockerfile" >"$work/out" 2>&1 &
    tries=0
    until pgrep -f "^$sleeper\$" >/dev/null || [ $tries -eq 300 ]; do
        sleep 0.2
        tries=$((tries + 1))
    done
    kill -INT $!
    code=0
    wait $! || code=$?
    after=$(left)
    [ "$code" -eq 130 ] && [ "$before" = "$after" ] && return
    printf 'WRONG interrupted: exit code %s\n%s\nbefore:\n%s\nafter:\n%s\n' "$code" "$(cat "$work/out")" "$before" "$after"
    exit 1
}

file='FROM python:3.12-slim AS one
RUN true
FROM one
WORKDIR /srv
CMD ["python3", "-m", "http.server", "8000"]'
echo "$file" | sed "s/^WORKDIR/RUN $sleeper\\n&/" >"$work/Dockerfile"
interrupt
echo "ok    interrupted while it builds"
echo "$file" >"$work/Dockerfile"
interrupt --command '["sleep", "5432"]'
echo "ok    interrupted while it runs"
