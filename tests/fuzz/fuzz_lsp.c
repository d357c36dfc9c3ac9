/* Whatever a client sends, the server answers with messages, and each request once. Bytes that do not look like a
   client's are taken for a document, and asked about. */
#define _GNU_SOURCE
#include "fuzz/fuzz.h"

#include <stdlib.h>

#include "base/utf8.h"
#include "lsp/frame.h"
#include "lsp/server.h"
#include "lsp/worker.h"
#include "report/json.h"

#define URI "untitled:fuzz"

struct client {
	struct server server;
	struct worker *worker;
	size_t answers; /* with an id of the client */
};

static void receive(void *ctx, struct str bytes)
{
	struct client *c = ctx;
	size_t body = str_find(bytes, STR("\r\n\r\n"), 0);
	REQUIRE(str_starts(bytes, STR("Content-Length: ")) && body != STR_NONE);
	json_t *message = json_loadb(bytes.p + body + 4, bytes.n - body - 4, JSON_ALLOW_NUL, NULL);
	REQUIRE(json_is_object(message));
	c->answers += !json_object_get(message, "method") && !json_is_null(json_object_get(message, "id"));
	json_decref(message);
}

/* Files of this machine are nothing for a fuzzer. */
static void do_jobs(struct client *c)
{
	for (struct job *job; (job = server_take(&c->server)); server_finish(&c->server, job))
		if (!str_eq_nocase((struct str){job->uri, strnlen(job->uri, 5)}, STR("file:")))
			worker_run(c->worker, job);
		else
			job->cancelled = true;
}

/* Whether it is a request whose id can be answered. */
static bool is_request(const char *body, size_t n)
{
	struct arena a;
	arena_init(&a, NULL, 0);
	struct str copy = arena_str(&a, (struct str){body, n});
	json_t *message = message_parse(&a, (char *)(uintptr_t)copy.p, copy.n);
	json_t *id = json_object_get(message, "id");
	bool request = (json_is_string(id) || json_is_number(id)) &&
		       (json_is_string(json_object_get(message, "method")) ||
			!(json_object_get(message, "result") || json_object_get(message, "error")));
	json_decref(message);
	arena_free(&a);
	return request;
}

static void send(struct client *c, char *body, size_t n)
{
	size_t expected = c->answers + is_request(body, n);
	server_receive(&c->server, body, n);
	if (c->server.state == SERVER_ENDED)
		return;
	do_jobs(c);
	REQUIRE(c->answers == expected);
}

static void send_frames(struct client *c, const uint8_t *data, size_t size)
{
	struct frames frames = {0};
	while (size > 0 && c->server.state != SERVER_ENDED) {
		size_t room, n;
		char *at = frames_room(&frames, &room), *body;
		REQUIRE(at != NULL);
		room = room < size ? room : size;
		memcpy(at, data, room);
		frames_add(&frames, room);
		data += room;
		size -= room;
		for (enum frame_status status; c->server.state != SERVER_ENDED;) {
			status = frames_next(&frames, &body, &n);
			if (status == FRAME_NONE)
				break;
			if (status == FRAME_BODY)
				send(c, body, n);
			else
				server_refuse(&c->server);
		}
	}
	frames_free(&frames);
}

static void send_json(struct client *c, json_t *message)
{
	char *body = json_dumps(message, JSON_COMPACT);
	REQUIRE(body != NULL);
	send(c, body, strlen(body));
	free(body);
	json_decref(message);
}

static void ask(struct client *c, const char *method, int line)
{
	json_t *where = json_pack("{s:i, s:i}", "line", line, "character", 7);
	send_json(c, json_pack("{s:i, s:s, s:{s:{s:s}, s:O, s:{s:O, s:o}, s:{s:[]}}}", "id", 1, "method", method,
			       "params", "textDocument", "uri", URI, "position", where, "range", "start", where, "end",
			       where, "context", "diagnostics"));
}

static void ask_about_document(struct client *c, struct arena *a, struct str bytes)
{
	struct str text = utf8_repair(a, bytes);
	send_json(c, json_pack("{s:i, s:s, s:{}}", "id", 1, "method", "initialize", "params"));
	send_json(c, json_pack("{s:s, s:{s:{s:s, s:s%}}}", "method", "textDocument/didOpen", "params", "textDocument",
			       "uri", URI, "text", text.p, text.n));
	for (int line = 0; line < 8; line++) {
		ask(c, "textDocument/codeAction", line);
		ask(c, "textDocument/hover", line);
	}
	ask(c, "textDocument/diagnostic", 0);
	ask(c, "textDocument/formatting", 0);
}

static void serve(struct client *c, const uint8_t *data, size_t size)
{
	struct str bytes = {(const char *)data, size};
	struct arena a;
	arena_init(&a, NULL, 0);
	if (str_starts(bytes, STR("Content-Length:")))
		send_frames(c, data, size);
	else
		ask_about_document(c, &a, bytes);
	arena_free(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct settings settings;
	static const struct worker_options options = {.settings = &settings, .isolated = true};
	static struct worker worker;
	struct client c = {.worker = &worker};
	jmp_buf place;
	if (!worker.options)
		worker_init(&worker, &options);
	server_init(&c.server, receive, &c, &place);
	if (setjmp(place) == 0)
		serve(&c, data, size);
	else
		fuzz_fail("memory is enough", __FILE__, __LINE__);
	server_free(&c.server);
	return 0;
}
