#!/bin/sh
if [ -z "$KEEP" ]; then
	set -- gunicorn shop:app
else
	shift
fi
exec "$@"
