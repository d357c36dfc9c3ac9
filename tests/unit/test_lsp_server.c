/* The language server while its worker is busy: nothing waits for that but the answer itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lsp/server.h"
#include "lsp/worker.h"
#include "project/settings.h"
#include "support/support.h"

#define URI "untitled:a"

struct session {
	struct server server;
	struct worker worker;
	jmp_buf out_of_memory;
	json_t *sent; /* since the last look */
};

static const struct settings no_settings;
static const struct worker_options options = {.settings = &no_settings, .isolated = true};

static void receive(void *ctx, struct str bytes)
{
	struct session *s = ctx;
	size_t body = str_find(bytes, STR("\r\n\r\n"), 0) + 4;
	json_array_append_new(s->sent, json_loadb(bytes.p + body, bytes.n - body, 0, NULL));
}

static void say(struct session *s, const char *message)
{
	char body[1024];
	size_t n = strlen(message);
	memcpy(body, message, n);
	server_receive(&s->server, body, n);
}

static int begin(void **state)
{
	static struct session session;
	session = (struct session){.sent = json_array()};
	*state = &session;
	worker_init(&session.worker, &options);
	server_init(&session.server, receive, &session, &session.out_of_memory);
	say(&session, "{\"id\":0,\"method\":\"initialize\",\"params\":{\"capabilities\":{\"textDocument\":{"
		      "\"diagnostic\":{}}}}}");
	say(&session, "{\"method\":\"textDocument/didOpen\",\"params\":{\"textDocument\":{\"uri\":\"" URI
		      "\",\"text\":\"FROM alpine\\nUSER 1\\n\"}}}");
	json_array_clear(session.sent);
	return 0;
}

static int end(void **state)
{
	struct session *s = *state;
	server_free(&s->server);
	worker_free(&s->worker);
	json_decref(s->sent);
	return 0;
}

static void ask_hover(struct session *s, int id)
{
	struct arena a;
	arena_init(&a, NULL, 0);
	say(s, arena_printf(&a,
			    "{\"id\":%d,\"method\":\"textDocument/hover\",\"params\":{\"textDocument\":{\"uri\":\"" URI
			    "\"},\"position\":{\"line\":1,\"character\":0}}}",
			    id)
		       .p);
	arena_free(&a);
}

/* The one message that was sent has that id; its error code, or 0. */
static json_int_t answer(struct session *s, json_int_t id)
{
	assert_int_equal(json_array_size(s->sent), 1);
	json_t *message = json_array_get(s->sent, 0);
	assert_int_equal(json_integer_value(json_object_get(message, "id")), id);
	json_int_t code = json_integer_value(json_object_get(json_object_get(message, "error"), "code"));
	json_array_clear(s->sent);
	return code;
}

static void finish(struct session *s, struct job *job)
{
	worker_run(&s->worker, job);
	server_finish(&s->server, job);
}

static void messages_are_read_while_a_job_runs(void **state)
{
	struct session *s = *state;
	ask_hover(s, 1);
	struct job *job = server_take(&s->server);
	assert_non_null(job);
	assert_int_equal(json_array_size(s->sent), 0);
	say(s, "{\"id\":2,\"method\":\"unroot/viewText\",\"params\":{\"textDocument\":{\"uri\":\"" URI "\"}}}");
	assert_int_equal(answer(s, 2), 0);
	ask_hover(s, 3);
	assert_null(server_take(&s->server)); /* one at a time */
	finish(s, job);
	assert_int_equal(answer(s, 1), 0);
	finish(s, server_take(&s->server));
	assert_int_equal(answer(s, 3), 0);
	assert_null(server_take(&s->server));
}

static void what_runs_and_what_waits_can_be_cancelled(void **state)
{
	struct session *s = *state;
	ask_hover(s, 1);
	ask_hover(s, 2);
	struct job *job = server_take(&s->server);
	say(s, "{\"method\":\"$/cancelRequest\",\"params\":{\"id\":2}}");
	assert_int_equal(answer(s, 2), ERROR_CANCELLED);
	say(s, "{\"method\":\"$/cancelRequest\",\"params\":{\"id\":1}}");
	assert_int_equal(json_array_size(s->sent), 0);
	finish(s, job);
	assert_int_equal(answer(s, 1), ERROR_CANCELLED);
	assert_null(server_take(&s->server));
}

static void a_job_keeps_the_text_it_began_with(void **state)
{
	struct session *s = *state;
	ask_hover(s, 1);
	struct job *job = server_take(&s->server);
	say(s, "{\"method\":\"textDocument/didChange\",\"params\":{\"textDocument\":{\"uri\":\"" URI
	       "\"},\"contentChanges\":[{\"text\":\"\"}]}}");
	assert_string_equal(job->text->bytes, "FROM alpine\nUSER 1\n");
	finish(s, job);
	assert_int_equal(answer(s, 1), ERROR_CONTENT_MODIFIED);
	ask_hover(s, 2);
	job = server_take(&s->server);
	say(s, "{\"method\":\"textDocument/didClose\",\"params\":{\"textDocument\":{\"uri\":\"" URI "\"}}}");
	finish(s, job);
	assert_int_equal(answer(s, 2), ERROR_CONTENT_MODIFIED);
}

static void the_end_leaves_nothing(void **state)
{
	struct session *s = *state;
	ask_hover(s, 1);
	ask_hover(s, 2);
	assert_non_null(server_take(&s->server));
	say(s, "{\"method\":\"exit\"}");
	assert_int_equal(s->server.state, SERVER_ENDED);
	assert_int_equal(s->server.exit_code, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(messages_are_read_while_a_job_runs),
		TEST(what_runs_and_what_waits_can_be_cancelled),
		TEST(a_job_keeps_the_text_it_began_with),
		TEST(the_end_leaves_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
