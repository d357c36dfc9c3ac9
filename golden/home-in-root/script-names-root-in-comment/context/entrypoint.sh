#!/bin/sh
# run as root: docker run -v $PWD:/root/conf shop
exec python main.py "$@"
