#!/bin/sh
sed -i "s/@HOST@/$HOST/" /etc/shop.conf
exec python main.py
