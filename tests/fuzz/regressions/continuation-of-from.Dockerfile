# The last line is a continuation of FROM.
FROM node:20 \
