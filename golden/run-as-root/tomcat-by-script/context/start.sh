#!/bin/sh
echo "starting"
exec catalina.sh run
