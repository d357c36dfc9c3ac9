#!/bin/sh
sed -i "s/8080/$PORT/" conf/server.xml
exec catalina.sh run
