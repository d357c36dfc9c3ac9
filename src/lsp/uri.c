#include "lsp/uri.h"

#include "base/buf.h"

static int hex(char c)
{
	if (ascii_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Behind "file:" and the name of this machine, where it stands: the path, or nothing. */
static struct str local_part(struct str uri)
{
	static const struct str scheme = {"file:", 5};
	struct str none = {"", 0};
	if (uri.n < scheme.n || !str_eq_nocase(str_sub(uri, 0, scheme.n), scheme))
		return none;
	struct str rest = str_sub(uri, scheme.n, uri.n);
	if (!str_starts(rest, STR("//")))
		return str_starts(rest, STR("/")) ? rest : none;
	rest = str_sub(rest, 2, rest.n);
	size_t slash = str_find_char(rest, '/', 0);
	if (slash == STR_NONE || (slash > 0 && !str_eq_nocase(str_sub(rest, 0, slash), STR("localhost"))))
		return none;
	return str_sub(rest, slash, rest.n);
}

struct str uri_path(struct arena *a, struct str uri)
{
	struct str rest = local_part(uri), none = {"", 0};
	struct buf path = buf_new(a);
	for (size_t i = 0; i < rest.n; i++) {
		bool coded = rest.p[i] == '%' && i + 2 < rest.n && hex(rest.p[i + 1]) >= 0 && hex(rest.p[i + 2]) >= 0;
		char c = rest.p[i];
		if (coded)
			c = (char)(hex(rest.p[i + 1]) << 4 | hex(rest.p[i + 2]));
		if (c == '\0' || (!coded && (c == '?' || c == '#')))
			return none;
		buf_char(&path, c);
		i += coded ? 2 : 0;
	}
	return arena_str(a, buf_str(&path));
}

struct str uri_of(struct arena *a, struct str path)
{
	struct buf uri = buf_new(a);
	buf_add(&uri, STR("file://"));
	for (size_t i = 0; i < path.n; i++) {
		char c = path.p[i];
		if (ascii_alpha(c) || ascii_digit(c) || memchr("/-._~", c, 5))
			buf_char(&uri, c);
		else
			buf_printf(&uri, "%%%02X", (unsigned char)c);
	}
	return arena_str(a, buf_str(&uri));
}
