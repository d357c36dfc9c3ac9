#!/bin/bash
chown -R 1000:1000 "$DATA_DIR"
exec node index.js
