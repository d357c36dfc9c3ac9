#!/bin/sh
set -e
mkdir -p /root/shop
curl -o /root/shop/shop.jar https://example.org/shop.jar
