#!/bin/sh
set -e
echo "greeting=${GREETING:-hello}" >/app/settings
exec "$@"
