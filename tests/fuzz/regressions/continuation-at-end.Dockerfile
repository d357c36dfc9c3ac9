# The last line is a continuation: what is put in below it must not become part of it.
FROM debian:bookworm
RUN true \
  && true \
