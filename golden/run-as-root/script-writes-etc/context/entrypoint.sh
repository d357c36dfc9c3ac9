#!/bin/sh
echo "$ZONE" > /etc/timezone
exec python main.py
