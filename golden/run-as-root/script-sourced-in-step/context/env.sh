# shellcheck shell=sh
UPLOADS=/srv/uploads
export UPLOADS
