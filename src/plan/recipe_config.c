/* What a server's configuration says: the ports it binds and the paths it writes. */
#include "base/path.h"
#include "plan/recipe.h"

enum { FIRST_UNPRIVILEGED = 1024, MAX_DIRECTIVES = 512 };

/* The server block (nginx) or file that is being read. */
struct block {
	uint32_t depth; /* of what is inside of it */
	uint32_t open;	/* behind its brace */
	bool stream;	/* no HTTP: no port is assumed, and nothing redirects */
	bool listens, settled;
	size_t first; /* its sites begin here */
};

struct reading {
	struct plan *p;
	struct recipe *r;
	const struct config_file *file;
	struct block block;
	uint32_t depth, stream_depth;
};

static void doubt(const struct reading *in, const char *what)
{
	plan_reason(in->p, UNROOT_UNSAFE, in->file->ins,
		    arena_printf(in->p->f->arena, "%.*s: %s", STR_ARG(in->file->path), what));
}

/* Configuration with very many ports or paths is left to people. */
static bool affordable(struct reading *in)
{
	if (in->r->directives++ == MAX_DIRECTIVES)
		doubt(in, "it has more directives than are looked at");
	return in->r->directives <= MAX_DIRECTIVES;
}

/* The blanks that the line of `at` begins with, and whether nothing else stands before it. */
static struct str blanks_before(const struct reading *in, uint32_t at, bool *first)
{
	struct str text = in->file->text;
	uint32_t start = at;
	while (start > 0 && text.p[start - 1] != '\n')
		start--;
	uint32_t end = start;
	while (end < at && (text.p[end] == ' ' || text.p[end] == '\t'))
		end++;
	*first = end == at;
	return str_sub(text, start, end);
}

static struct site *add_site(const struct reading *in, enum site_kind kind, uint32_t start, uint32_t end, uint32_t port)
{
	struct site *site = VEC_PUSH(in->p->f->arena, in->r->sites);
	*site = (struct site){.kind = kind,
			      .file = in->file->file,
			      .span = {in->file->base + start, in->file->base + end},
			      .port = port,
			      .ins = in->file->ins};
	return site;
}

/* "80", "*:80", "[::]:80"; `at` is where the number begins, or STR_NONE without one. */
static size_t number_at(struct str text, uint32_t *port)
{
	size_t at = text.n;
	while (at > 0 && ascii_digit(text.p[at - 1]))
		at--;
	if (at == text.n || (at > 0 && text.p[at - 1] != ':') || !str_to_u32(str_sub(text, at, text.n), port))
		return STR_NONE;
	return at;
}

/* $name or ${name}, perhaps behind an address: the name. */
static struct str variable_in(struct str text)
{
	size_t at = str_find_last_char(text, '$');
	struct str name = str_sub(text, at + 1, text.n);
	if (name.n > 1 && name.p[0] == '{' && name.p[name.n - 1] == '}')
		name = str_sub(name, 1, name.n - 1);
	return name;
}

/* The port stands in a variable of the Dockerfile. */
static struct site *variable_port(struct reading *in, struct str text)
{
	struct facts *f = in->p->f;
	struct str name = variable_in(text);
	for (size_t i = 0; i < f->variables.n; i++) {
		const struct variable *v = f->variables.at[i].variable;
		uint32_t port;
		if (!str_eq(f->variables.at[i].name, name) || !v->known || !str_to_u32(v->value, &port))
			continue;
		struct site *site = add_site(in, SITE_VARIABLE, 0, 0, port);
		site->name = name;
		return site;
	}
	plan_reason(in->p, UNROOT_UNSAFE, in->file->ins,
		    arena_printf(f->arena, "%.*s takes its port from %.*s, which has no value in the Dockerfile",
				 STR_ARG(in->file->path), STR_ARG(name)));
	return NULL;
}

static void listens(struct reading *in, const struct config_item *item)
{
	struct str text = item->words.at[1].text;
	uint32_t port, start = item->words.at[1].start;
	bool range = str_find_char(text, '-', 0) != STR_NONE && number_at(text, &port) == STR_NONE &&
		     ascii_digit(text.p[text.n - 1]);
	in->block.listens = true;
	if (str_starts(text, STR("unix:")))
		return;
	size_t at = number_at(text, &port);
	struct site *site = NULL;
	if (str_find_char(text, '$', 0) != STR_NONE)
		site = variable_port(in, text);
	else if (at != STR_NONE)
		site = add_site(in, SITE_PORT, start + (uint32_t)at, start + (uint32_t)text.n, port);
	else if (in->r->syntax == CONFIG_NGINX && !range)
		site = add_site(in, SITE_ADDRESS, start + (uint32_t)text.n, start + (uint32_t)text.n, 80);
	else
		doubt(in, "which ports it listens on cannot be told");
	if (site) {
		site->start = in->file->base + item->words.at[0].start;
		site->end = in->file->base + item->end;
	}
}

/* <VirtualHost *:80 [::]:80> */
static void virtual_host(struct reading *in, const struct config_item *item)
{
	for (size_t i = 1; i < item->words.n; i++) {
		struct str text = item->words.at[i].text;
		uint32_t port, start = item->words.at[i].start;
		size_t at = number_at(text, &port);
		if (str_find_char(text, '$', 0) != STR_NONE)
			variable_port(in, text);
		else if (at != STR_NONE && at > 0)
			add_site(in, SITE_HOST, start + (uint32_t)at - 1, start + (uint32_t)text.n, port);
	}
}

/* A path of the configuration in the image; empty when it is none, or not known. */
static struct str path_named(const struct reading *in, struct str text, bool *known)
{
	struct recipe *r = in->r;
	struct arena *a = in->p->f->arena;
	*known = true;
	if (str_starts(text, STR("syslog:")) || str_eq(text, STR("off")) || str_eq(text, STR("stderr")) ||
	    str_eq(text, STR("memory")))
		return STR("");
	for (size_t i = 0; i < r->rows.n; i++) {
		const struct recipe_row *row = &r->rows.at[i];
		if (!str_eq(row->kind, STR("variable")))
			continue;
		struct str name = arena_printf(a, "${%.*s}", STR_ARG(row->name));
		if (str_starts(text, name))
			return path_join(a, STR("/"),
					 arena_printf(a, "%.*s%.*s", STR_ARG(row->value),
						      STR_ARG(str_sub(text, name.n, text.n))));
	}
	*known = text.n > 0 && text.p[0] != '|' && str_find_char(text, '$', 0) == STR_NONE;
	return *known ? path_join(a, r->relative, text) : STR("");
}

/* The account may write there without our doing. */
static bool is_ready(const struct reading *in, struct str path)
{
	const struct recipe *r = in->r;
	if (tables_place(in->p->f->tables, path) == PLACE_TEMP || path_within(path, STR("/dev")) ||
	    path_within(path, STR("/proc")))
		return true;
	for (size_t i = 0; i < r->rows.n; i++) {
		const struct recipe_row *row = &r->rows.at[i];
		if ((str_eq(row->kind, STR("ready")) || str_eq(row->kind, STR("directory"))) &&
		    path_within(path, row->name))
			return true;
	}
	return false;
}

static void writes(struct reading *in, const struct config_item *item, bool directory)
{
	bool known;
	struct str path = path_named(in, item->words.at[1].text, &known);
	in->r->pid_told |= str_eq_nocase(item->words.at[0].text, STR("pid"));
	if (!known)
		doubt(in, "where it writes cannot be told");
	if (path.n == 0 || is_ready(in, path))
		return;
	if (directory)
		*VEC_PUSH(in->p->f->arena, in->r->directories) = path;
	else
		*VEC_PUSH(in->p->f->arena, in->r->touch) = path;
}

/* The master read keys as root. */
static void reads_key(struct reading *in, const struct config_item *item)
{
	struct facts *f = in->p->f;
	const struct copy *copy;
	uint32_t mode;
	bool known;
	struct str path = path_named(in, item->words.at[1].text, &known);
	struct str source = path.n ? facts_context_path(f, path, &copy) : STR("");
	if (source.n && !copy->has_chmod && workspace_stat(f->workspace, source, &mode) == PROVIDED_FILE &&
	    (mode & 0004))
		return;
	plan_reason(in->p, UNROOT_UNSAFE, in->file->ins,
		    arena_printf(f->arena, "whether %.*s may read the key %.*s is not known",
				 STR_ARG(in->r->account->name), STR_ARG(item->words.at[1].text)));
}

static void includes(struct reading *in, const struct config_item *item)
{
	struct facts *f = in->p->f;
	struct recipe *r = in->r;
	const struct copy *copy;
	struct str path = path_join(f->arena, r->relative, item->words.at[1].text);
	if (str_find_char(path, '*', 0) != STR_NONE || str_find_char(path, '[', 0) != STR_NONE) {
		if (path_within(path_parent(path), r->area))
			*VEC_PUSH(f->arena, r->included) = (struct included){path_parent(path), path_last(path)};
		else if (!path_within(path, STR("/usr/share/nginx/modules")))
			doubt(in, "it includes files that are not known");
		return;
	}
	if (recipe_add_path(in->p, r, path))
		return;
	facts_context_path(f, path, &copy);
	if (!copy && path_within(path, r->area))
		*VEC_PUSH(f->arena, r->included) = (struct included){path, STR("*")}; /* the image's own */
	else
		doubt(in, "it includes a file that cannot be read here");
}

static void names_user(struct reading *in, const struct config_item *item)
{
	struct str name = item->words.at[1].text;
	const struct recipe_row *other = recipe_row(in->r, "user");
	if (str_find_char(name, '$', 0) != STR_NONE || str_eq(name, in->r->account->name) ||
	    (other && str_eq(other->name, name)))
		return;
	plan_reason(
		in->p, UNROOT_UNSAFE, in->file->ins,
		arena_printf(in->p->f->arena, "%.*s: its workers run as %.*s", STR_ARG(in->file->path), STR_ARG(name)));
}

static const struct recipe_row *meaning(const struct recipe *r, struct str name)
{
	for (size_t i = 0; i < r->rows.n; i++) {
		const struct recipe_row *row = &r->rows.at[i];
		bool same = r->syntax == CONFIG_NGINX ? str_eq(row->name, name) : str_eq_nocase(row->name, name);
		if (same && str_eq(row->kind, STR("directive")))
			return row;
	}
	return NULL;
}

static void own_addresses(struct reading *in, const struct config_item *item)
{
	for (size_t i = 1; i < item->words.n; i++) {
		const struct config_word *w = &item->words.at[i];
		bool own = str_find(w->text, STR("127.0.0.1"), 0) != STR_NONE ||
			   str_find(w->text, STR("localhost"), 0) != STR_NONE;
		if (own && affordable(in))
			*VEC_PUSH(in->p->f->arena, in->r->selves) = (struct site){
				.file = in->file->file,
				.span = {in->file->base + w->start, in->file->base + w->start + (uint32_t)w->text.n}};
		in->r->tells_port |= str_eq(w->text, STR("$server_port"));
	}
}

static void directive(struct reading *in, const struct config_item *item)
{
	const struct recipe_row *row = item->words.n > 1 ? meaning(in->r, item->words.at[0].text) : NULL;
	struct str what = row ? row->value : STR("");
	if (!str_eq(what, STR("port")) && !str_eq(what, STR("site")))
		own_addresses(in, item);
	if (row && !affordable(in))
		return;
	if (str_eq(what, STR("port")))
		listens(in, item);
	else if (str_eq(what, STR("site")))
		virtual_host(in, item);
	else if (str_eq(what, STR("file")))
		writes(in, item, false);
	else if (str_eq(what, STR("directory")))
		writes(in, item, true);
	else if (str_eq(what, STR("key")))
		reads_key(in, item);
	else if (str_eq(what, STR("include")))
		includes(in, item);
	else if (str_eq(what, STR("user")))
		names_user(in, item);
	else if (str_eq(what, STR("redirect"))) {
		in->block.settled |= in->block.depth > 0;
		in->r->redirects_settled |= in->block.depth == 0;
	}
}

static void open_block(struct reading *in, const struct config_item *item)
{
	struct str name = item->words.n ? item->words.at[0].text : STR("");
	const struct recipe_row *row = meaning(in->r, name);
	in->depth++;
	if (str_eq(name, STR("stream")))
		in->stream_depth = in->depth;
	if (row && str_eq(row->value, STR("site")) && affordable(in))
		virtual_host(in, item);
	if (row && str_eq(row->value, STR("server")) && item->words.n == 1 && in->block.depth == 0)
		in->block = (struct block){in->depth, item->end, in->stream_depth > 0, false, false, in->r->sites.n};
}

static bool is_http(const struct reading *in, const struct config_item *item)
{
	return in->block.depth == in->depth && !in->block.stream && item->end > 0;
}

/* A server that names no port binds 80 as root, and 8000 as another user (nginx.org, "listen"). */
static void close_block(struct reading *in, const struct config_item *item)
{
	struct recipe *r = in->r;
	const struct recipe_row *row = recipe_row(r, "redirect");
	if (is_http(in, item)) {
		if (!in->block.listens && affordable(in))
			add_site(in, SITE_MISSING, in->block.open, in->block.open, 80)->start =
				in->file->base + in->block.open;
		for (size_t i = r->sites.n; row && !in->block.settled && i > in->block.first; i--) {
			if (r->sites.at[i - 1].port >= FIRST_UNPRIVILEGED)
				continue;
			r->sites.at[i - 1].redirect = row->name;
			break;
		}
	}
	if (in->block.depth == in->depth)
		in->block = (struct block){0};
	if (in->stream_depth == in->depth)
		in->stream_depth = 0;
	if (in->depth)
		in->depth--;
}

/* Where the text of a new directive begins: a line of its own, unless what stands before it has none. `at` is the end
 * of that. */
static struct str new_line(const struct reading *in, uint32_t start, uint32_t at, bool opening)
{
	struct str text = in->file->text;
	size_t newline = str_find_char(text, '\n', at);
	bool first;
	struct str indent = blanks_before(in, start, &first);
	if (newline == STR_NONE || str_trim(str_sub(text, at, newline)).n || (!first && !opening))
		return STR(" ");
	if (opening) { /* as the line below is */
		uint32_t below = (uint32_t)newline + 1;
		while (below < text.n && (text.p[below] == ' ' || text.p[below] == '\t'))
			below++;
		indent = str_sub(text, newline + 1, below);
	}
	return arena_printf(in->p->f->arena, "%s%.*s", newline && text.p[newline - 1] == '\r' ? "\r\n" : "\n",
			    STR_ARG(indent));
}

static void lay_out(struct reading *in, size_t from)
{
	for (size_t i = from; i < in->r->sites.n; i++) {
		struct site *site = &in->r->sites.at[i];
		if (site->kind == SITE_MISSING)
			site->end = site->span.start;
		if (site->end == 0)
			continue;
		uint32_t end = site->end - in->file->base;
		bool opening = site->kind == SITE_MISSING;
		site->line = new_line(in, site->start - in->file->base, end, opening);
	}
}

static void read_file(struct plan *p, struct recipe *r, struct config_file file)
{
	struct reading in = {.p = p, .r = r, .file = &file};
	struct config_reader reader = {.text = file.text, .syntax = r->syntax};
	struct config_item item;
	size_t sites = r->sites.n;
	while (config_next(p->f->arena, &reader, &item)) {
		if (item.event == CONFIG_DIRECTIVE)
			directive(&in, &item);
		else if (item.event == CONFIG_OPEN)
			open_block(&in, &item);
		else
			close_block(&in, &item);
	}
	if (reader.unread || in.depth)
		doubt(&in, "it could not be read to its end");
	lay_out(&in, sites);
}

/* nginx -g "pid /tmp/nginx.pid;" and -c FILE. */
static void read_command(struct plan *p, struct recipe *r)
{
	struct facts *f = p->f;
	const struct recipe_row *inline_text = recipe_row(r, "inline"), *main = recipe_row(r, "main");
	for (size_t i = 0; i + 1 < f->start.words.n; i++) {
		struct str option = f->start.words.at[i].text, value = f->start.words.at[i + 1].text;
		if (inline_text && str_eq(option, inline_text->name)) {
			struct str text = str_trim(value);
			if (text.n > 1 && (text.p[0] == '"' || text.p[0] == '\''))
				text = str_sub(text, 1, text.n - 1);
			size_t sites = r->sites.n, selves = r->selves.n;
			read_file(p, r,
				  (struct config_file){STR("the start command"), text, 0, 0, f->start.words.at[i].ins});
			if (r->sites.n > sites)
				plan_reason(p, UNROOT_UNSAFE, f->start.words.at[i].ins,
					    STR("the port in the start command is not edited"));
			r->sites.n = sites; /* places in it are not places in the file */
			r->selves.n = selves;
		} else if (main && str_eq(option, main->value)) {
			r->main = path_join(f->arena, r->relative, value);
			r->main_replaced = true;
			if (!recipe_add_path(p, r, r->main))
				plan_reason(p, UNROOT_UNSAFE, f->start.words.at[i].ins,
					    arena_printf(f->arena, "%.*s cannot be read here", STR_ARG(value)));
		}
	}
}

/* What the image's own main file reads as a whole. */
static void own_main(struct plan *p, struct recipe *r)
{
	for (size_t i = 0; i < r->rows.n; i++)
		if (str_eq(r->rows.at[i].kind, STR("reads")))
			*VEC_PUSH(p->f->arena, r->included) = (struct included){r->rows.at[i].name, STR("*.conf")};
}

static bool overlaps(struct str a, struct str b)
{
	return path_within(a, b) || path_within(b, a);
}

/* What directories that were copied as a whole bring to one that is read. */
static void list_directory(struct plan *p, struct recipe *r, const struct included *in)
{
	for (size_t u = 0; u < r->unlisted.n; u++) {
		const struct unlisted *whole = &r->unlisted.at[u];
		if (!overlaps(whole->dest, in->directory) || recipe_list(p, r, whole, in))
			continue;
		struct str dir = path_within(whole->dest, in->directory) ? whole->dest : in->directory;
		*VEC_PUSH(p->f->arena, r->unread) = path_join(p->f->arena, dir, STR("*.conf"));
		plan_reason(p, UNROOT_UNSAFE, INS_NONE,
			    arena_printf(p->f->arena, "which files are copied to %.*s is not known", STR_ARG(whole->dest)));
	}
}

/* Files name others, and directories that hold others. */
static void read_all(struct plan *p, struct recipe *r)
{
	const struct recipe_row *rendered = recipe_row(r, "rendered");
	size_t files = 0, directories = 0;
	bool main = false;
	if (rendered)
		list_directory(p, r, &(struct included){rendered->name, STR("*.template")});
	while (files < r->files.n || directories < r->included.n || !main) {
		if (files < r->files.n) {
			read_file(p, r, r->files.at[files++]);
		} else if (directories < r->included.n) {
			struct included in = r->included.at[directories++];
			list_directory(p, r, &in);
		} else {
			main = true;
			if (!r->main_replaced || !map_get(&r->seen, r->main))
				own_main(p, r);
		}
	}
}

void recipe_read_files(struct plan *p, struct recipe *r)
{
	read_command(p, r);
	read_all(p, r);
	/* What a main file of the user's does not include is not read. */
	for (size_t i = 0; i < r->rows.n; i++) {
		struct recipe_row *row = &r->rows.at[i];
		bool read = str_eq(row->name, r->main);
		for (size_t k = 0; k < r->included.n; k++)
			read |= str_eq(r->included.at[k].directory, path_parent(row->name)) ||
				str_eq(r->included.at[k].directory, row->name);
		if (str_eq(row->kind, STR("own")) && r->main_replaced && !read)
			row->gone = true;
	}
}
