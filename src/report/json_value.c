#include "report/json.h"

#include "base/utf8.h"

struct str json_base64(struct arena *a, struct str s)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *text = arena_alloc(a, (s.n + 2) / 3 * 4 + 1), *p = text;
	for (size_t i = 0; i < s.n; i += 3) {
		size_t have = s.n - i;
		uint32_t bits = (uint32_t)(unsigned char)s.p[i] << 16;
		bits |= have > 1 ? (uint32_t)(unsigned char)s.p[i + 1] << 8 : 0;
		bits |= have > 2 ? (uint32_t)(unsigned char)s.p[i + 2] : 0;
		*p++ = digits[bits >> 18];
		*p++ = digits[bits >> 12 & 63];
		*p++ = have > 1 ? digits[bits >> 6 & 63] : '=';
		*p++ = have > 2 ? digits[bits & 63] : '=';
	}
	return (struct str){text, (size_t)(p - text)};
}

bool json_set_bytes(struct arena *a, json_t *object, const char *key, struct str bytes)
{
	json_t *value = json_stringn(bytes.p ? bytes.p : "", bytes.n);
	if (value)
		return json_object_set_new(object, key, value) == 0;
	struct str coded = json_base64(a, bytes);
	return json_object_set_new(object, arena_printf(a, "%s_base64", key).p, json_stringn(coded.p, coded.n)) == 0;
}

bool json_set_text(struct arena *a, json_t *object, const char *key, const char *text)
{
	struct str repaired = utf8_repair(a, str_of(text ? text : ""));
	return json_object_set_new(object, key, json_stringn(repaired.p, repaired.n)) == 0;
}

bool json_set_number(json_t *object, const char *key, size_t number)
{
	return json_object_set_new(object, key, json_integer((json_int_t)number)) == 0;
}

static int add_part(const char *bytes, size_t n, void *out)
{
	buf_add(out, (struct str){bytes, n});
	return 0;
}

bool json_add(struct buf *out, json_t *value)
{
	/* The buffer jumps over Jansson when memory runs out; the value is lost then, and the run fails anyway. */
	bool ok = value && json_dump_callback(value, add_part, out, JSON_COMPACT | JSON_ENCODE_ANY) == 0;
	json_decref(value);
	return ok;
}
