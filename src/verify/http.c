#define _GNU_SOURCE
#include "verify/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/buf.h"
#include "verify/host.h"

enum { ANSWER_LIMIT = 256 << 10, BLOCK = 16384 };

/* What the asking process says with its exit code. */
enum { ASKED, NO_NETWORK, REFUSED, NOT_SENT, CODES };
static const char *const whys[CODES] = {"no HTTP answer", "its network could not be entered", "connection refused",
					"connection closed"};

static bool is_token(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_alpha(s.p[i]) && s.p[i] != '-')
			return false;
	return s.n > 0;
}

bool http_parse(const char *text, struct http_request *out, const char **expected)
{
	struct str rest = str_of(text);
	*out = (struct http_request){.method = STR("GET"), .given = text};
	*expected = "PATH, \"METHOD PATH\" or \"METHOD PATH BODY\", with a PATH that begins with /";
	if (rest.n && rest.p[0] != '/') {
		size_t blank = str_find_char(rest, ' ', 0);
		if (blank == STR_NONE || !is_token(str_sub(rest, 0, blank)))
			return false;
		out->method = str_sub(rest, 0, blank);
		rest = str_sub(rest, blank + 1, rest.n);
	}
	size_t blank = str_find_char(rest, ' ', 0);
	out->path = str_sub(rest, 0, blank == STR_NONE ? rest.n : blank);
	if (blank != STR_NONE)
		out->body = str_sub(rest, blank + 1, rest.n);
	for (size_t i = 0; i < out->path.n; i++)
		if ((unsigned char)out->path.p[i] <= 0x20 || out->path.p[i] == 0x7F)
			return false;
	return out->path.n > 0 && out->path.p[0] == '/';
}

void http_read(struct str text, struct http_answer *out)
{
	uint32_t status;
	*out = (struct http_answer){.why = whys[ASKED]};
	if (!str_starts(text, STR("HTTP/")))
		return;
	size_t blank = str_find_char(text, ' ', 0);
	if (blank == STR_NONE || text.n < blank + 4 || !str_to_u32(str_sub(text, blank + 1, blank + 4), &status))
		return;
	size_t end = str_find(text, STR("\r\n\r\n"), 0);
	out->answered = true;
	out->status = status;
	out->body = end == STR_NONE ? STR("") : str_sub(text, end + 4, text.n);
	out->why = "";
}

struct question {
	const struct http_place *place;
	struct str bytes;
};

static int connect_to(const struct http_place *place)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)place->port)};
	struct sockaddr_in6 v6 = {
		.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)place->port), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (place->address && inet_pton(AF_INET, place->address, &v4.sin_addr) != 1)
		return -1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&v4, sizeof v4) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	if (place->pid == 0)
		return -1;
	fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&v6, sizeof v6) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool write_all(int fd, struct str bytes, bool socket)
{
	while (bytes.n > 0) {
		ssize_t n = socket ? send(fd, bytes.p, bytes.n, MSG_NOSIGNAL) : write(fd, bytes.p, bytes.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes = str_sub(bytes, (size_t)n, bytes.n);
	}
	return true;
}

/* In a process of its own; the parent ends it when it takes too long. */
static int ask(void *ctx, int answer)
{
	const struct question *q = ctx;
	char block[BLOCK];
	if (q->place->pid && !host_enter_network(q->place->pid))
		return NO_NETWORK;
	int fd = connect_to(q->place);
	if (fd < 0)
		return REFUSED;
	if (!write_all(fd, q->bytes, true))
		return NOT_SENT;
	for (size_t all = 0; all < ANSWER_LIMIT;) {
		ssize_t n = recv(fd, block, sizeof block, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || !write_all(answer, (struct str){block, (size_t)n}, false))
			break;
		all += (size_t)n;
	}
	return ASKED;
}

void http_ask(struct arena *a, struct signals *signals, const struct http_place *place,
	      const struct http_request *request, long timeout, struct http_answer *out)
{
	struct buf text = buf_new(a);
	/* HTTP/1.0: the answer ends with the connection. */
	buf_printf(&text,
		   "%.*s %.*s HTTP/1.0\r\nHost: localhost\r\nUser-Agent: unroot-verify\r\nAccept: */*\r\nConnection: "
		   "close\r\n",
		   STR_ARG(request->method), STR_ARG(request->path));
	if (request->body.n || !str_eq(request->method, STR("GET")))
		buf_printf(&text, "Content-Length: %zu\r\n", request->body.n);
	if (request->body.n)
		buf_add(&text, STR("Content-Type: application/x-www-form-urlencoded\r\n"));
	buf_add(&text, STR("\r\n"));
	buf_add(&text, request->body);
	struct question q = {.place = place, .bytes = buf_str(&text)};
	struct process p = {.arena = a, .signals = signals, .timeout = timeout, .limit = ANSWER_LIMIT};
	process_fork(&p, ask, &q);
	http_read(p.out, out);
	if (!out->answered && p.end == PROCESS_EXITED && p.code > 0 && p.code < CODES)
		out->why = whys[p.code];
	else if (!out->answered && p.end == PROCESS_TIMEOUT)
		out->why = "no answer in time";
}
