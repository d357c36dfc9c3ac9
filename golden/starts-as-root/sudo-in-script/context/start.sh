#!/bin/sh
exec sudo -u node node index.js
