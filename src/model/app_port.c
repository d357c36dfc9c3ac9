/* Ports below 1024 that the program's own text binds: app.run(port=80), server.listen(80). Text is searched, not
   understood, so that what is found only ever makes a fix less sure. */
#include "model/app_text.h"

#include "base/path.h"
#include "model/address.h"

enum { FIRST_SERVED = 20, FIRST_UNPRIVILEGED = 1024, MOST_BETWEEN = 16, MAX_LISTENS = 48, MAX_FUNCTIONS = 16 };

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
	if (end - at > 4 || !str_to_u32(str_sub(line, at, end), &port) || port < FIRST_SERVED ||
	    port >= FIRST_UNPRIVILEGED || tables_port_of_client(t, port))
		return 0;
	return port;
}

/* parseInt(port, 10), ParseUint(port, 10, 16): behind the base that the text of a number is read in, or how many bits
   it has; `at` where neither stands. */
static size_t behind_base(struct str line, size_t at)
{
	size_t before = at, end = at;
	while (before > 0 && ascii_blank(line.p[before - 1]))
		before--;
	while (end < line.n && ascii_digit(line.p[end]))
		end++;
	bool base =
		before > 0 && line.p[before - 1] == ',' && str_in_list(STR("8,10,16,32,64"), str_sub(line, at, end));
	return base ? end : at;
}

/* Behind a word: what may stand between it and its number, as in `port = process.env.PORT || 80` and `getenv("PORT",
 * "80")`. */
static uint32_t number_behind(const struct tables *t, struct str line, size_t at, const char *between)
{
	for (size_t i = at; i < line.n && i < at + MOST_BETWEEN; i++) {
		if (ascii_digit(line.p[i])) {
			size_t behind = behind_base(line, i);
			if (behind == i)
				return i > at ? low_port_at(t, line, i) : 0;
			i = behind - 1;
			continue;
		}
		bool otherwise = line.p[i] == '-' && line.p[i - 1] == ':'; /* ${PORT:-80} */
		if (line.p[i] == '=' && line.p[i - 1] == '=')
			return 0; /* compared with it */
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

/* The low port in a string: ":80", ":http", "http://+:80;https://+:443". */
static uint32_t port_of_string(const struct tables *t, struct str string)
{
	struct str address;
	if (str_eq(string, STR(":http")))
		return 80;
	if (str_eq(string, STR(":https")))
		return 443;
	while (str_split(&string, ';', &address)) {
		uint32_t port;
		if (address_port(address, false, &port) != STR_NONE && port && port < FIRST_UNPRIVILEGED &&
		    !tables_port_of_client(t, port))
			return port;
	}
	return 0;
}

/* The low port of an address that stands behind a word of the table. */
static uint32_t port_listened(const struct tables *t, const struct port_text *row, struct str line)
{
	bool number = str_ends(row->name, STR("#"));
	struct str word = str_sub(row->name, 0, row->name.n - number);
	size_t found = str_find(line, word, 0), at = found == STR_NONE ? line.n : found + word.n;
	while (number && at < line.n && line.p[at] == ' ')
		at++;
	if (number)
		return low_port_at(t, line, at);
	for (uint32_t port = 0; at < line.n; at++) {
		size_t end = line.p[at] == '"' ? str_find_char(line, '"', at + 1) : at;
		if (end == STR_NONE)
			return 0;
		if (end > at)
			port = port_of_string(t, str_sub(line, at + 1, end));
		if (port)
			return port;
		at = end;
	}
	return 0;
}

/* What is to be known of a text for each of its lines. */
struct reading {
	const struct tables *t;
	const struct port_text *listens[MAX_LISTENS]; /* that hold for such files */
	size_t nlistens;
	struct str functions[MAX_FUNCTIONS]; /* of a script, above the line */
	size_t nfunctions;
};

static void choose_listens(struct reading *r, struct str name)
{
	for (size_t i = 0; i < r->t->port_listens.n && r->nlistens < MAX_LISTENS; i++)
		if (tables_file_fits(r->t->port_listens.at[i].files, name))
			r->listens[r->nlistens++] = &r->t->port_listens.at[i];
}

/* "serve() {" */
static void note_function(struct reading *r, struct str line)
{
	if (line.n < 3 || r->nfunctions == MAX_FUNCTIONS || !strchr("{)", line.p[line.n - 1]))
		return;
	size_t open = str_find(line, STR("()"), 0);
	struct str name = open == STR_NONE ? STR("") : str_trim(str_sub(line, 0, open)), rest = name, word;
	if (str_word(&rest, &word) && word.n == name.n)
		r->functions[r->nfunctions++] = name;
}

/* "serve 80": a function that is given the port of a web server. */
static uint32_t port_of_function(const struct reading *r, struct str line)
{
	struct str rest = line, name, word;
	bool called = false;
	if (r->nfunctions == 0 || !str_word(&rest, &name))
		return 0;
	for (size_t i = 0; i < r->nfunctions && !called; i++)
		called = str_eq(r->functions[i], name);
	while (called && str_word(&rest, &word)) {
		if (str_eq(word, STR("80")))
			return 80;
		if (str_eq(word, STR("443")))
			return 443;
	}
	return 0;
}

static uint32_t port_in_line(struct reading *r, struct str line)
{
	uint32_t port = port_named(r->t, line);
	if (!port)
		port = port_of_address(r->t, line);
	if (!port)
		port = port_of_function(r, line);
	for (size_t i = 0; !port && i < r->nlistens; i++)
		port = port_listened(r->t, r->listens[i], line);
	note_function(r, line);
	return port;
}

bool app_text_port(const struct tables *t, struct str name, struct str text, struct bound_port *out)
{
	struct reading r = {.t = t};
	struct str line;
	choose_listens(&r, path_last(name));
	for (uint32_t number = 1; str_split(&text, '\n', &line); number++) {
		struct str code = str_trim(line);
		if (app_text_is_comment(code))
			continue;
		out->port = port_in_line(&r, code);
		out->line = number;
		if (out->port)
			return true;
	}
	return false;
}
