#!/bin/sh
if [ "$(id -u)" = 0 ]; then
	set -- gosu www-data "$@"
fi
exec "$@"
