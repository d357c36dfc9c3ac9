#include "syntax/exec_form.h"

#include "base/buf.h"
#include "base/utf8.h"

enum { MAX_DEPTH = 10000 }; /* encoding/json's own limit */

enum expect { VALUE, VALUE_OR_END, KEY, KEY_OR_END, COLON, COMMA_OR_END, NOTHING };

struct json {
	struct str text; /* up to the end of the array's text */
	size_t at;
	unsigned depth;
	unsigned char objects[MAX_DEPTH / 8 + 1]; /* bit per level: an object, not an array */
	size_t bad;
	bool overflow; /* a number that no float64 holds: Go gives up on the array */
};

static bool in_object(const struct json *j)
{
	return j->objects[j->depth / 8] >> (j->depth % 8) & 1;
}

static bool push(struct json *j, bool object)
{
	if (++j->depth > MAX_DEPTH)
		return false;
	unsigned char bit = (unsigned char)(1u << (j->depth % 8));
	unsigned char *byte = &j->objects[j->depth / 8];
	*byte = (unsigned char)(object ? *byte | bit : *byte & ~bit);
	return true;
}

static bool hex_digit(char c, uint32_t *value)
{
	char lower = ascii_lower(c);
	if (!ascii_digit(c) && (lower < 'a' || lower > 'f'))
		return false;
	*value = *value << 4 | (uint32_t)(ascii_digit(c) ? c - '0' : lower - 'a' + 10);
	return true;
}

/* Steps over the string at j->at. */
static bool scan_string(struct json *j)
{
	struct str s = j->text;
	for (size_t i = j->at + 1; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c == '"') {
			j->at = i + 1;
			return true;
		}
		if (c < 0x20)
			return false;
		if (c != '\\')
			continue;
		if (++i == s.n || !s.p[i] || !strchr("bfnrt\\/\"u", s.p[i]))
			return false;
		if (s.p[i] == 'u') {
			uint32_t value = 0;
			for (size_t last = i + 4; i < last; i++)
				if (i + 1 >= s.n || !hex_digit(s.p[i + 1], &value))
					return false;
		}
	}
	return false;
}

static size_t scan_digits(struct str s, size_t at)
{
	while (at < s.n && ascii_digit(s.p[at]))
		at++;
	return at;
}

/* Does this number round to infinity as a float64? The bound lies halfway between the largest
   float64 and 2^1024; both have 309 digits. */
static bool overflows(struct str mantissa, long exponent)
{
	static const char bound[] = "1797693134862315807937289714053034150799";
	size_t compared = 0;
	long point = exponent;
	int order = 0;
	bool fraction = false, significant = false;

	for (size_t i = 0; i < mantissa.n; i++) {
		char c = mantissa.p[i];
		if (c == '.') {
			fraction = true;
			continue;
		}
		significant = significant || c != '0';
		if (significant && !fraction)
			point++;
		else if (!significant && fraction)
			point--;
		if (significant && order == 0 && compared < sizeof bound - 1)
			order = c - bound[compared++];
	}
	bool reached = order > 0 || (order == 0 && compared == sizeof bound - 1);
	return significant && (point > 309 || (point == 309 && reached));
}

static bool scan_number(struct json *j)
{
	struct str s = j->text;
	size_t start = j->at + (s.p[j->at] == '-'), at = scan_digits(s, start), mantissa, digits;
	long exponent = 0;

	if (at == start || (s.p[start] == '0' && at > start + 1))
		return false;
	if (at < s.n && s.p[at] == '.') {
		digits = at + 1;
		at = scan_digits(s, digits);
		if (at == digits)
			return false;
	}
	mantissa = at;
	if (at < s.n && (s.p[at] == 'e' || s.p[at] == 'E')) {
		bool negative = at + 1 < s.n && s.p[at + 1] == '-';
		digits = at + 1 + (at + 1 < s.n && (s.p[at + 1] == '-' || s.p[at + 1] == '+'));
		at = scan_digits(s, digits);
		if (at == digits)
			return false;
		for (size_t i = digits; i < at && exponent < 10000000000L; i++)
			exponent = exponent * 10 + (s.p[i] - '0');
		if (negative)
			exponent = -exponent;
	}
	j->overflow = j->overflow || overflows(str_sub(s, start, mantissa), exponent);
	j->at = at;
	return true;
}

static bool scan_name(struct json *j)
{
	static const struct str names[] = {{"true", 4}, {"false", 5}, {"null", 4}};
	struct str left = str_sub(j->text, j->at, j->text.n);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_starts(left, names[i])) {
			j->at += names[i].n;
			return true;
		}
	return false;
}

static bool scan_scalar(struct json *j)
{
	char c = j->text.p[j->at];
	if (c == '"')
		return scan_string(j);
	return c == '-' || ascii_digit(c) ? scan_number(j) : scan_name(j);
}

static bool open_or_scalar(struct json *j, enum expect *next)
{
	char c = j->text.p[j->at];
	*next = c == '[' ? VALUE_OR_END : c == '{' ? KEY_OR_END : COMMA_OR_END;
	if (j->depth == 1 && c != '"' && j->bad == STR_NONE)
		j->bad = j->at;
	if (*next == COMMA_OR_END)
		return scan_scalar(j);
	j->at++;
	return push(j, c == '{');
}

static void close_level(struct json *j, enum expect *next)
{
	j->at++;
	*next = --j->depth == 0 ? NOTHING : COMMA_OR_END;
}

/* One step at a character that is no white space. */
static bool step(struct json *j, enum expect *next)
{
	char c = j->text.p[j->at];
	bool object = in_object(j);

	switch (*next) {
	case VALUE_OR_END:
	case KEY_OR_END:
	case COMMA_OR_END:
		if (j->depth > 0 && c == (object ? '}' : ']')) {
			close_level(j, next);
			return true;
		}
		if (*next == COMMA_OR_END) {
			*next = object ? KEY : VALUE;
			j->at++;
			return c == ',';
		}
		if (*next == VALUE_OR_END)
			return open_or_scalar(j, next);
		/* fall through */
	case KEY:
		*next = COLON;
		return c == '"' && scan_string(j);
	case COLON:
		*next = VALUE;
		j->at++;
		return c == ':';
	case VALUE:
		return open_or_scalar(j, next);
	case NOTHING:
		break;
	}
	return false;
}

static bool json_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

enum exec_form exec_form_of(struct str text, struct range part, size_t *bad)
{
	size_t at = utf8_skip_space(text, part.from, part.to);
	if (at == part.to || text.p[at] != '[')
		return EXEC_NONE;

	struct json j = {.text = {text.p, part.to}, .at = at, .bad = STR_NONE};
	enum expect next = VALUE;
	for (; j.at < part.to;) {
		if (json_space(text.p[j.at]))
			j.at++;
		else if (!step(&j, &next))
			return EXEC_NONE;
	}
	if (next != NOTHING || j.overflow)
		return EXEC_NONE;
	*bad = j.bad;
	return j.bad == STR_NONE ? EXEC_STRINGS : EXEC_MIXED;
}

bool exec_string_next(struct str text, size_t *at, size_t end, struct range *literal)
{
	size_t i = str_find_char((struct str){text.p, end}, '"', *at);
	if (i == STR_NONE)
		return false;
	literal->from = i;
	for (i++; text.p[i] != '"'; i++)
		if (text.p[i] == '\\')
			i++;
	literal->to = *at = i + 1;
	return true;
}

static uint32_t hex4(const char *p)
{
	uint32_t value = 0;
	for (size_t i = 0; i < 4; i++)
		hex_digit(p[i], &value);
	return value;
}

/* The code point of the \uXXXX at s[*at] (the backslash), and steps over it. Half a surrogate
   pair counts as a bad character. */
static uint32_t unicode_escape(struct str s, size_t *at)
{
	uint32_t c = hex4(s.p + *at + 2);
	*at += 6;
	if (c < 0xD800 || c > 0xDFFF)
		return c;
	if (c < 0xDC00 && s.n - *at >= 6 && s.p[*at] == '\\' && s.p[*at + 1] == 'u') {
		uint32_t low = hex4(s.p + *at + 2);
		if (low >= 0xDC00 && low <= 0xDFFF) {
			*at += 6;
			return 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
		}
	}
	return UTF8_BAD;
}

struct str exec_string_value(struct arena *a, struct str literal)
{
	static const char escapes[] = "bfnrt", values[] = "\b\f\n\r\t";
	struct str s = utf8_repair(a, str_sub(literal, 1, literal.n - 1));
	if (str_find_char(s, '\\', 0) == STR_NONE)
		return s;
	struct buf out = buf_new(a);
	for (size_t i = 0; i < s.n;) {
		if (s.p[i] != '\\') {
			buf_char(&out, s.p[i++]);
		} else if (s.p[i + 1] == 'u') {
			buf_utf8(&out, unicode_escape(s, &i));
		} else {
			const char *known = strchr(escapes, s.p[i + 1]);
			buf_char(&out, known ? values[known - escapes] : s.p[i + 1]);
			i += 2;
		}
	}
	return buf_str(&out);
}
