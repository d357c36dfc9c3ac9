#include "lsp/message.h"

#include "base/utf8.h"

/* The UTF-16 unit of an escape \uXXXX at `at`, or -1. */
static int unit_at(struct str s, size_t at)
{
	int unit = 0;
	if (at + 6 > s.n || s.p[at] != '\\' || s.p[at + 1] != 'u')
		return -1;
	for (size_t i = at + 2; i < at + 6; i++) {
		char c = ascii_lower(s.p[i]);
		if (!ascii_digit(c) && !(c >= 'a' && c <= 'f'))
			return -1;
		unit = unit << 4 | (ascii_digit(c) ? c - '0' : c - 'a' + 10);
	}
	return unit;
}

static bool is_high(int unit)
{
	return unit >= 0xD800 && unit < 0xDC00;
}

static bool is_low(int unit)
{
	return unit >= 0xDC00 && unit < 0xE000;
}

/* A half of a pair, written as bytes: ED A0..BF XX. */
static bool is_coded_half(struct str s, size_t at)
{
	return at + 3 <= s.n && s.p[at] == '\xED' && ((unsigned char)s.p[at + 1] & 0xE0) == 0xA0 &&
	       ((unsigned char)s.p[at + 2] & 0xC0) == 0x80;
}

static void replace_halves(char *body, size_t n)
{
	struct str s = {body, n};
	for (size_t at = 0; at < n; at++) {
		if (is_coded_half(s, at)) {
			memcpy(body + at, "\xEF\xBF\xBD", 3);
			at += 2;
		} else if (body[at] == '\\') {
			int unit = unit_at(s, at);
			bool pair = is_high(unit) && is_low(unit_at(s, at + 6));
			if (pair)
				at += 6;
			else if (is_high(unit) || is_low(unit))
				memcpy(body + at, "\\ufffd", 6);
			at += unit < 0 ? 1 : 5;
		}
	}
}

json_t *message_parse(struct arena *a, char *body, size_t n)
{
	replace_halves(body, n);
	struct str text = utf8_repair(a, (struct str){body, n});
	return json_loadb(text.p, text.n, JSON_ALLOW_NUL, NULL);
}

static json_t *or_null(json_t *value)
{
	return value ? value : json_null();
}

json_t *message_result(json_t *id, json_t *result)
{
	return json_pack("{s:s, s:O, s:o}", "jsonrpc", "2.0", "id", or_null(id), "result", or_null(result));
}

json_t *message_error(json_t *id, enum message_error code, const char *text)
{
	return json_pack("{s:s, s:O, s:{s:i, s:s}}", "jsonrpc", "2.0", "id", or_null(id), "error", "code", (int)code,
			 "message", text);
}

json_t *message_request(json_int_t id, const char *method, json_t *params)
{
	return json_pack("{s:s, s:I, s:s, s:o*}", "jsonrpc", "2.0", "id", id, "method", method, "params", params);
}

json_t *message_notification(const char *method, json_t *params)
{
	return json_pack("{s:s, s:s, s:o*}", "jsonrpc", "2.0", "method", method, "params", params);
}

json_t *json_at(const json_t *value, const char *path)
{
	struct str rest = str_of(path), key;
	json_t *found = NULL;
	for (bool more = str_split(&rest, '.', &key); more; value = found) {
		found = json_object_getn(value, key.p, key.n);
		more = str_split(&rest, '.', &key);
	}
	return found;
}

struct str json_text(const json_t *value)
{
	return (struct str){json_string_value(value), json_string_length(value)};
}

bool json_flag_at(const json_t *value, const char *path)
{
	return json_is_true(json_at(value, path));
}

json_int_t json_number_at(const json_t *value, const char *path, json_int_t other)
{
	const json_t *number = json_at(value, path);
	return json_is_integer(number) ? json_integer_value(number) : other;
}

bool json_holds(const json_t *array, const char *text)
{
	for (size_t i = 0; i < json_array_size(array); i++)
		if (str_eq(json_text(json_array_get(array, i)), str_of(text)))
			return true;
	return false;
}
