#!/bin/sh
serve() {
  exec python -m http.server "$1"
}
serve 80
