# The last line is a continuation: what is put in below it must not become part of it.
FROM example.org/app:1
RUN true \
  && true \
