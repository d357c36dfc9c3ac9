#include "verify/normal.h"

#include "base/buf.h"
#include "base/map.h"

enum { LONGEST_LINE = 4096, HEX_WORD = 8 };

static bool word_char(char c)
{
	return ascii_alpha(c) || ascii_digit(c) || c == '_';
}

/* A long word of hexadecimal digits with a decimal one in it: a container's id, a hash, an address. */
static bool is_identifier(struct str word)
{
	bool digit = false;
	for (size_t i = 0; i < word.n; i++) {
		char c = ascii_lower(word.p[i]);
		digit |= ascii_digit(c);
		if (!ascii_digit(c) && (c < 'a' || c > 'f') && !(i == 1 && c == 'x'))
			return false;
	}
	return digit && word.n >= HEX_WORD;
}

/* A user by number is a number like any other. */
static bool is_name(struct str word, struct normal_names names)
{
	if (ascii_digit(word.p[0]))
		return false;
	for (size_t i = 0; i < names.n; i++)
		if (str_eq(word, names.at[i]))
			return true;
	return false;
}

static void add_numbers(struct buf *out, struct str word)
{
	for (size_t i = 0; i < word.n; i++)
		if (!ascii_digit(word.p[i]))
			buf_char(out, word.p[i]);
		else if (i == 0 || !ascii_digit(word.p[i - 1]))
			buf_char(out, '#');
}

/* The length of an escape sequence that begins at `at`. */
static size_t escape_length(struct str s, size_t at)
{
	size_t i = at + 1;
	if (i >= s.n || s.p[i] != '[')
		return 1;
	for (i++; i < s.n && (ascii_digit(s.p[i]) || s.p[i] == ';' || s.p[i] == '?'); i++)
		;
	return i < s.n ? i + 1 - at : i - at;
}

struct str normal_line(struct arena *a, struct str line, struct normal_names names)
{
	struct buf out = buf_new(a);
	line = str_trim(line);
	if (line.n > LONGEST_LINE)
		line.n = LONGEST_LINE;
	for (size_t i = 0; i < line.n;) {
		if (line.p[i] == '\033') {
			i += escape_length(line, i);
			continue;
		}
		if (!word_char(line.p[i])) {
			buf_char(&out, line.p[i++]);
			continue;
		}
		size_t start = i;
		while (i < line.n && word_char(line.p[i]))
			i++;
		struct str word = str_sub(line, start, i);
		if (is_identifier(word)) {
			buf_char(&out, '#');
		} else if (is_name(word, names)) {
			if (str_ends(buf_str(&out), STR("/home/")))
				out.n -= strlen("home/");
			buf_char(&out, '~');
		} else {
			add_numbers(&out, word);
		}
	}
	return buf_str(&out);
}

struct normal_lines normal_missing(struct arena *a, struct str text, struct str other, struct normal_names names,
				   size_t most)
{
	struct normal_lines missing = {0};
	struct map there = {0};
	struct str line;
	while (str_split(&other, '\n', &line))
		*map_put(a, &there, normal_line(a, line, names)) = &there;
	while (str_split(&text, '\n', &line) && missing.n < most) {
		struct str form = normal_line(a, line, names);
		void **slot = form.n ? map_put(a, &there, form) : NULL;
		if (!slot || *slot)
			continue;
		*slot = &there;
		*VEC_PUSH(a, missing) = str_trim(line);
	}
	return missing;
}

bool normal_same(struct arena *a, struct str text, struct str other, struct normal_names names)
{
	struct str x, y;
	for (;;) {
		bool more = str_split(&text, '\n', &x), also = str_split(&other, '\n', &y);
		if (!more || !also)
			return more == also;
		if (!str_eq(normal_line(a, x, names), normal_line(a, y, names)))
			return false;
	}
}

static bool holds_nocase(struct str line, struct str words)
{
	for (size_t i = 0; i + words.n <= line.n; i++)
		if (str_eq_nocase(str_sub(line, i, i + words.n), words))
			return true;
	return false;
}

bool normal_is_refusal(struct str line)
{
	static const char *const words[] = {
		"permission denied", "operation not permitted", "eacces", "eperm ", "eperm:",
		"permissionerror",   "accessdeniedexception"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (holds_nocase(line, str_of(words[i])))
			return true;
	return false;
}

static bool path_char(char c)
{
	return word_char(c) || (c && strchr("/.-+@~%", c));
}

struct str normal_path(struct str line)
{
	for (size_t i = 0; i < line.n; i++) {
		size_t end = i;
		if (line.p[i] != '/' || (i > 0 && path_char(line.p[i - 1])))
			continue;
		while (end < line.n && path_char(line.p[end]))
			end++;
		while (end > i + 1 && line.p[end - 1] == '.')
			end--;
		/* A program's own name before a colon is not what it could not write: "/entrypoint.sh: line 3: /data:
		 * ..." */
		bool program =
			i == 0 && end < line.n && line.p[end] == ':' && str_find_char(line, '/', end) != STR_NONE;
		if (end > i + 1 && !program)
			return str_sub(line, i, end);
		i = end;
	}
	return STR("");
}
