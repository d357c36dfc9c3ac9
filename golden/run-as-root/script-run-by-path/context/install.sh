#!/bin/bash
set -e
curl -fsSL https://example.org/install | sh
