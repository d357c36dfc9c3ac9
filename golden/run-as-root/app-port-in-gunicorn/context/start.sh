#!/bin/sh
echo "opening"
exec gunicorn -c "${SETTINGS:-/etc/shop/gunicorn_conf.py}" "$MODULE"
