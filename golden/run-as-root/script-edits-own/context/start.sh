#!/bin/sh
sed -i "s/@HOST@/$HOST/" shop.conf
curl -s -o /tmp/rates.json http://rates/
exec python main.py
