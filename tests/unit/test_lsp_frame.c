/* Frames of the language server, whole, in pieces and broken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lsp/frame.h"

static void feed(struct frames *f, struct str bytes)
{
	while (bytes.n > 0) {
		size_t room;
		char *at = frames_room(f, &room);
		assert_non_null(at);
		room = room < bytes.n ? room : bytes.n;
		memcpy(at, bytes.p, room);
		frames_add(f, room);
		bytes = str_sub(bytes, room, bytes.n);
	}
}

static void assert_body(struct frames *f, const char *text)
{
	char *body;
	size_t n;
	assert_int_equal(frames_next(f, &body, &n), FRAME_BODY);
	assert_int_equal(n, strlen(text));
	assert_memory_equal(body, text, n);
}

static void assert_status(struct frames *f, enum frame_status status)
{
	char *body;
	size_t n;
	assert_int_equal(frames_next(f, &body, &n), status);
}

static void whole_messages(void **state)
{
	struct frames f = {0};
	(void)state;
	feed(&f, STR("Content-Length: 2\r\n\r\n{}Content-Length: 3\r\nContent-Type: x; charset=utf-8\r\n\r\n[1]"));
	assert_body(&f, "{}");
	assert_body(&f, "[1]");
	assert_status(&f, FRAME_NONE);
	feed(&f, STR("CONTENT-LENGTH:0\n\ncontent-length:\t1 \n\n7"));
	assert_body(&f, "");
	assert_body(&f, "7");
	frames_free(&f);
}

static void byte_by_byte(void **state)
{
	const char text[] = "Content-Length: 12\r\n\r\n{\"a\":\"\r\n\r\n\"}";
	struct frames f = {0};
	(void)state;
	for (size_t i = 0; i + 2 < sizeof text; i++) {
		feed(&f, (struct str){text + i, 1});
		assert_status(&f, FRAME_NONE);
	}
	feed(&f, (struct str){text + sizeof text - 2, 1});
	assert_body(&f, "{\"a\":\"\r\n\r\n\"}");
	frames_free(&f);
}

static void what_is_no_frame_is_passed_over(void **state)
{
	static const char *const rubbish[] = {
		"hello\n",
		"\r\n\r\n",
		"Content-Length: -1\r\n\r\n",
		"Content-Length: 1x\r\n\r\n",
		"Content-Length:\r\n\r\n",
		"Content-Type: a\r\n\r\n",
		"{\"jsonrpc\":\"2.0\"}",
	};
	struct frames f = {0};
	(void)state;
	for (size_t i = 0; i < sizeof rubbish / sizeof *rubbish; i++) {
		feed(&f, str_of(rubbish[i]));
		feed(&f, STR("Content-Length: 2\r\n\r\nok"));
		assert_body(&f, "ok");
		assert_status(&f, FRAME_NONE);
	}
	frames_free(&f);
}

static void a_line_without_end(void **state)
{
	struct frames f = {0};
	char x[1000];
	(void)state;
	memset(x, 'x', sizeof x);
	for (int i = 0; i < 1000; i++) {
		feed(&f, (struct str){x, sizeof x});
		assert_status(&f, FRAME_NONE);
	}
	assert_true(f.cap <= 1 << 17);
	feed(&f, STR("Content-Length: 2\r\n\r\nok"));
	assert_body(&f, "ok");
	frames_free(&f);
}

static void a_message_that_is_too_large(void **state)
{
	static const char *const lengths[] = {"268435457", "999999999999999999999999999"};
	char x[1 << 16];
	(void)state;
	memset(x, 'x', sizeof x);
	for (size_t i = 0; i < 2; i++) {
		struct frames f = {0};
		feed(&f, STR("Content-Length: "));
		feed(&f, str_of(lengths[i]));
		feed(&f, STR("\r\n\r\n"));
		assert_status(&f, FRAME_TOO_LARGE);
		for (size_t sent = 0; sent < 268435457; sent += sizeof x) {
			size_t n = 268435457 - sent < sizeof x ? 268435457 - sent : sizeof x;
			feed(&f, (struct str){x, n});
			assert_status(&f, FRAME_NONE);
		}
		feed(&f, STR("Content-Length: 2\r\n\r\nok"));
		if (i == 0)
			assert_body(&f, "ok");
		else
			assert_status(&f, FRAME_NONE);
		frames_free(&f);
	}
}

static void memory_of_a_large_message_is_given_back(void **state)
{
	struct frames f = {0};
	char x[1 << 16], *body;
	size_t n;
	(void)state;
	memset(x, 'x', sizeof x);
	feed(&f, STR("Content-Length: 16777216\r\n\r\n"));
	for (int i = 0; i < 256; i++)
		feed(&f, (struct str){x, sizeof x});
	assert_int_equal(frames_next(&f, &body, &n), FRAME_BODY);
	assert_int_equal(n, 16777216);
	assert_true(f.cap > 1 << 20);
	feed(&f, STR("Content-Length: 2\r\n\r\nok"));
	assert_true(f.cap <= 1 << 20);
	assert_body(&f, "ok");
	frames_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_messages),
		cmocka_unit_test(byte_by_byte),
		cmocka_unit_test(what_is_no_frame_is_passed_over),
		cmocka_unit_test(a_line_without_end),
		cmocka_unit_test(a_message_that_is_too_large),
		cmocka_unit_test(memory_of_a_large_message_is_given_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
