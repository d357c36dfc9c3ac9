#!/bin/sh
apt-get update
apt-get install -y --no-install-recommends ca-certificates
useradd --system --create-home web
