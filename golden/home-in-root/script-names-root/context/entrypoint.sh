#!/bin/sh
set -e
  # settings
exec python main.py --config /root/conf/shop.ini "$@"
