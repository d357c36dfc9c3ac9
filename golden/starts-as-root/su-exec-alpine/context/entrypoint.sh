#!/bin/sh
exec su-exec shop "$@"
