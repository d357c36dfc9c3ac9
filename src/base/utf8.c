#include "base/utf8.h"

#include "base/buf.h"

static bool tail_byte(struct str s, size_t at)
{
	return at < s.n && ((unsigned char)s.p[at] & 0xC0) == 0x80;
}

uint32_t utf8_decode(struct str s, size_t at, size_t *width)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t c = (unsigned char)s.p[at];
	size_t n = c < 0x80 ? 1 : c < 0xC2 ? 0 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF5 ? 4 : 0;

	*width = 1;
	if (n == 1)
		return c;
	if (n == 0)
		return UTF8_BAD;
	c &= 0x7Fu >> n;
	for (size_t i = 1; i < n; i++) {
		if (!tail_byte(s, at + i))
			return UTF8_BAD;
		c = c << 6 | ((unsigned char)s.p[at + i] & 0x3F);
	}
	if (c < smallest[n] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
		return UTF8_BAD;
	*width = n;
	return c;
}

uint32_t utf8_decode_last(struct str s, size_t from, size_t to, size_t *width)
{
	struct str head = {s.p, to};
	for (size_t back = 1; back <= 4 && back <= to - from; back++) {
		if (tail_byte(head, to - back))
			continue;
		uint32_t c = utf8_decode(head, to - back, width);
		if (*width == back)
			return c;
		break;
	}
	*width = 1;
	return UTF8_BAD;
}

bool unicode_space(uint32_t c)
{
	if (c < 0x80)
		return ascii_blank((char)c);
	return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
	       c == 0x202F || c == 0x205F || c == 0x3000;
}

size_t utf8_skip_space_slowly(struct str s, size_t from, size_t to)
{
	struct str head = {s.p, to};
	while (from < to) {
		size_t width;
		if (ascii_blank(s.p[from])) {
			from++;
			continue;
		}
		if (ascii_graphic(s.p[from]) || !unicode_space(utf8_decode(head, from, &width)))
			break;
		from += width;
	}
	return from;
}

size_t utf8_trim_end_slowly(struct str s, size_t from, size_t to)
{
	while (to > from) {
		size_t width;
		if (!unicode_space(utf8_decode_last(s, from, to, &width)))
			break;
		to -= width;
	}
	return to;
}

struct str utf8_repair(struct arena *a, struct str s)
{
	struct buf fixed = buf_new(a);
	size_t kept = 0, width;
	for (size_t i = 0; i < s.n; i += width)
		if (utf8_decode(s, i, &width) == UTF8_BAD && width == 1) {
			buf_add(&fixed, str_sub(s, kept, i));
			buf_utf8(&fixed, UTF8_BAD);
			kept = i + 1;
		}
	if (kept == 0)
		return s;
	buf_add(&fixed, str_sub(s, kept, s.n));
	return buf_str(&fixed);
}
