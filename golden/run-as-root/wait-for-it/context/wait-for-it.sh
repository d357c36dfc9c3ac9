#!/usr/bin/env bash
echo waiting
