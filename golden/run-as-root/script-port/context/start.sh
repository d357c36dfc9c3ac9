#!/bin/sh
exec gunicorn -b "0.0.0.0:${PORT:-80}" shop:app
