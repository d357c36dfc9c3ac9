/* Ports below 1024 that the program's own text binds: app.run(port=80), server.listen(80). Text is searched, not
   understood, so that what is found only ever makes a fix less sure. */
#include "model/app_text.h"

enum { FIRST_UNPRIVILEGED = 1024, MOST_BETWEEN = 16 };

/* The number that stands at `at`, or 0 when none below 1024 does. */
static uint32_t low_port_at(const struct tables *t, struct str line, size_t at)
{
	size_t end = at;
	uint32_t port;
	while (end < line.n && line.p[end] >= '0' && line.p[end] <= '9')
		end++;
	if (end < line.n &&
	    (line.p[end] == '.' || line.p[end] == '_' || ((line.p[end] | 32) >= 'a' && (line.p[end] | 32) <= 'z')))
		return 0;
	if (end - at > 4 || !str_to_u32(str_sub(line, at, end), &port) || port >= FIRST_UNPRIVILEGED ||
	    tables_port_of_client(t, port))
		return 0;
	return port;
}

/* Behind a word: what may stand between it and its number, as in `port = process.env.PORT || 80` and `getenv("PORT",
 * "80")`. */
static uint32_t number_behind(const struct tables *t, struct str line, size_t at, const char *between)
{
	for (size_t i = at; i < line.n && i < at + MOST_BETWEEN; i++) {
		if (line.p[i] >= '0' && line.p[i] <= '9')
			return i > at ? low_port_at(t, line, i) : 0;
		bool otherwise = line.p[i] == '-' && line.p[i - 1] == ':'; /* ${PORT:-80} */
		if (!otherwise && !strchr(between, line.p[i]))
			return 0;
	}
	return 0;
}

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

/* A word that names a port: not the end of "import" or "support". */
static uint32_t port_named(const struct tables *t, struct str line)
{
	for (size_t at = 0; at + 4 < line.n; at++) {
		struct str word = str_sub(line, at, at + 4);
		bool inside = at > 0 && is_lower(line.p[at - 1]) && is_lower(line.p[at]);
		uint32_t port = 0;
		if (str_eq_nocase(word, STR("port")) && !inside)
			port = number_behind(t, line, at + 4, " \t\"'`)]=:|?,(");
		else if (str_eq(word, STR("list")) && str_starts(str_sub(line, at, line.n), STR("listen(")))
			port = number_behind(t, line, at + 6, "( \t");
		if (port)
			return port;
	}
	return 0;
}

/* HTTPServer(("0.0.0.0", 80)), "0.0.0.0:80" */
static uint32_t port_of_address(const struct tables *t, struct str line)
{
	static const char *const addresses[] = {"0.0.0.0", "''", "\"\"", "::"};
	for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
		struct str address = str_of(addresses[i]);
		size_t at = str_find(line, address, 0);
		uint32_t port = at == STR_NONE ? 0 : number_behind(t, line, at + address.n, "\"'], \t:");
		if (port)
			return port;
	}
	return 0;
}

bool app_text_port(const struct tables *t, struct str text, struct bound_port *out)
{
	struct str line;
	for (uint32_t number = 1; str_split(&text, '\n', &line); number++) {
		struct str code = str_trim(line);
		if (app_text_is_comment(code))
			continue;
		out->port = port_named(t, code);
		if (!out->port)
			out->port = port_of_address(t, code);
		out->line = number;
		if (out->port)
			return true;
	}
	return false;
}
