#include "process/stream.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

enum { READ_SIZE = 16384, MOST_READS = 1024 };

/* With `tail` there is room for twice the limit: when that is full its last half moves to the front. */
static size_t room(struct stream *s, size_t wanted)
{
	size_t most = s->tail ? 2 * s->limit : s->limit, cap = s->cap ? 2 * s->cap : READ_SIZE;
	if (s->n + wanted > s->cap && s->cap < most) {
		char *grown = realloc(s->bytes, cap < most ? cap : most);
		if (grown) {
			s->bytes = grown;
			s->cap = cap < most ? cap : most;
		}
	}
	return s->cap - s->n;
}

static void keep(struct stream *s, struct str bytes)
{
	while (bytes.n > 0) {
		size_t free = room(s, bytes.n), part = bytes.n < free ? bytes.n : free;
		if (part > 0) {
			memcpy(s->bytes + s->n, bytes.p, part);
			s->n += part;
			bytes = str_sub(bytes, part, bytes.n);
			continue;
		}
		s->truncated = true;
		if (!s->tail || s->n <= s->limit)
			return;
		memmove(s->bytes, s->bytes + s->n - s->limit, s->limit);
		s->n = s->limit;
	}
}

static void tell(struct stream *s, struct str bytes)
{
	for (size_t i = 0; i < bytes.n; i++) {
		if (bytes.p[i] == '\n' || bytes.p[i] == '\r') {
			if (s->pending_length)
				s->line(s->ctx, (struct str){s->pending, s->pending_length});
			s->pending_length = 0;
		} else if (s->pending_length < STREAM_LINE) {
			s->pending[s->pending_length++] = bytes.p[i];
		}
	}
}

static void close_it(struct stream *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

void stream_read(struct stream *s)
{
	char bytes[READ_SIZE];
	ssize_t n = read(s->fd, bytes, sizeof bytes);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		close_it(s);
		return;
	}
	keep(s, (struct str){bytes, (size_t)n});
	if (s->line)
		tell(s, (struct str){bytes, (size_t)n});
}

void stream_end(struct stream *s)
{
	struct pollfd fd = {.fd = s->fd, .events = POLLIN};
	for (int i = 0; s->fd >= 0 && i < MOST_READS && poll(&fd, 1, 0) == 1; i++)
		stream_read(s);
	close_it(s);
}

struct str stream_take(struct stream *s, struct arena *a)
{
	size_t from = s->tail && s->n > s->limit ? s->n - s->limit : 0;
	struct str kept = arena_str(a, s->bytes ? (struct str){s->bytes + from, s->n - from} : STR(""));
	s->truncated = s->truncated || from > 0;
	free(s->bytes);
	s->bytes = NULL;
	return kept;
}
