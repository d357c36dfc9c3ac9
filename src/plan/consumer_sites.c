/* What compose files and Kubernetes manifests say of the ports that move. */
#include "plan/consumer_sites.h"

#include "model/address.h"

static unsigned line_of(const struct consumer_walk *w, uint32_t node)
{
	struct str text = w->p->f->workspace->at[w->f->file].current;
	const struct yaml_node *n = &w->f->yaml.at[node];
	size_t end = n->span.end ? n->span.start : n->key_start;
	unsigned line = 1;
	for (size_t at = str_find_char(text, '\n', 0); at != STR_NONE && at < end;
	     at = str_find_char(text, '\n', at + 1))
		line++;
	return line;
}

void consumer_doubt(const struct consumer_walk *w, uint32_t node, const char *what)
{
	struct plan *p = w->p;
	if (plan_reasons_full(p))
		return; /* finding the line costs time */
	plan_reason(p, UNROOT_UNSAFE, INS_NONE,
		    arena_printf(p->f->arena, "%.*s:%u: %.*s%s%s", STR_ARG(w->f->path), line_of(w, node),
				 STR_ARG(w->who), w->who.n ? ": " : "", what));
}

struct str consumer_port(const struct consumer_walk *w)
{
	return arena_printf(w->p->f->arena, "%u", w->change->to);
}

void consumer_edit(const struct consumer_walk *w, uint32_t node, size_t from, size_t to, struct str text)
{
	const struct yaml_node *n = &w->f->yaml.at[node];
	if (n->shared)
		consumer_doubt(w, node, "the port stands behind an anchor that is used more than once");
	else if (!n->verbatim)
		consumer_doubt(w, node, "the port is not written plainly");
	else
		plan_port_edit(w->p, w->change, w->f->file,
			       (struct span){n->span.start + (uint32_t)from, n->span.start + (uint32_t)to}, text);
}

void consumer_number(const struct consumer_walk *w, uint32_t node)
{
	uint32_t port;
	struct str text = yaml_scalar(&w->f->yaml, node);
	node = yaml_resolve(&w->f->yaml, node);
	if (text.p && str_to_u32(text, &port) && port == w->change->from)
		consumer_edit(w, node, 0, text.n, consumer_port(w));
	else if (text.p && str_find_char(text, '$', 0) != STR_NONE)
		consumer_doubt(w, node, "the port is a variable");
}

/* Whether a value that holds variables may come to be the port: none of its defaults says otherwise. */
static bool may_become(struct str value, uint32_t port)
{
	size_t fallback = str_find_char(value, '-', 0);
	uint32_t number;
	if (str_find_char(value, '$', 0) == STR_NONE)
		return false;
	if (fallback == STR_NONE || !str_ends(value, STR("}")))
		return true;
	return address_port(str_sub(value, fallback + 1, value.n - 1), true, &number) == STR_NONE || number == port;
}

static bool tells_port(const struct consumer_walk *w, struct str name)
{
	const struct facts *f = w->p->f;
	return tables_port_variable(f->tables, name, f->start.program) || tables_port_label(f->tables, name) ||
	       map_get(&w->variables, name);
}

/* "PORT=80", where the value may stand in quotes; `at` is the offset of the line in the file. */
static void env_line(const struct consumer_walk *w, uint32_t node, uint32_t file, struct str line, uint32_t at)
{
	uint32_t port;
	size_t equals = str_find_char(line, '=', 0), start = 0;
	if (equals == STR_NONE || line.p[0] == '#')
		return;
	if (str_starts(line, STR("export ")))
		start = STR("export ").n;
	struct str name = str_trim(str_sub(line, start < equals ? start : equals, equals));
	struct str value = str_trim(str_sub(line, equals + 1, line.n)), item;
	bool quoted = value.n > 1 && (value.p[0] == '"' || value.p[0] == '\'') && value.p[value.n - 1] == value.p[0];
	if (quoted)
		value = str_sub(value, 1, value.n - 1);
	if (!tells_port(w, name))
		return;
	if (may_become(value, w->change->from)) {
		consumer_doubt(w, node, "which port an env_file tells it is not known");
		return;
	}
	while (str_split(&value, ';', &item)) {
		size_t digits = address_port(item, true, &port);
		uint32_t from = at + (uint32_t)(item.p - line.p);
		if (digits != STR_NONE && port == w->change->from)
			plan_port_edit(w->p, w->change, file,
				       (struct span){from + (uint32_t)digits, from + (uint32_t)item.n},
				       consumer_port(w));
	}
}

void consumer_env_file(const struct consumer_walk *w, uint32_t node, struct str path)
{
	struct workspace *workspace = w->p->f->workspace;
	uint32_t file;
	enum provided kind = workspace_read(workspace, path, &file);
	if (kind == PROVIDED_UNKNOWN)
		consumer_doubt(w, node, "an env_file cannot be read here");
	if (kind != PROVIDED_FILE)
		return;
	workspace->at[file].consumer = true;
	struct str text = workspace->at[file].current, rest = text, line;
	while (str_split(&rest, '\n', &line))
		if (line.n)
			env_line(w, node, file, line, (uint32_t)(line.p - text.p));
}

void consumer_variable(const struct consumer_walk *w, uint32_t node, struct str name, struct str value, uint32_t at)
{
	uint32_t port;
	struct str rest = value, item;
	if (!tells_port(w, name))
		return;
	if (may_become(value, w->change->from) || value.n == 0) {
		consumer_doubt(w, node, "which port it is told is not known");
		return;
	}
	while (str_split(&rest, ';', &item)) { /* "https://+:443;http://+:80" */
		size_t digits = address_port(item, true, &port), offset = at + (size_t)(item.p - value.p);
		if (digits != STR_NONE && port == w->change->from)
			consumer_edit(w, node, offset + digits, offset + item.n, consumer_port(w));
	}
}

/* The words of a text that blanks separate; quotes are left alone, and make what they hold no plain word. */
static void split_words(struct arena *a, struct str text, uint32_t start, bool plain, struct start_word **words,
			size_t *n)
{
	VEC(struct start_word) list = {0};
	struct str rest = text, word;
	while (str_word(&rest, &word)) {
		uint32_t at = start + (uint32_t)(word.p - text.p);
		*VEC_PUSH(a, list) = (struct start_word){
			.text = word, .span = {at, at + (uint32_t)word.n}, .plain = plain, .ins = INS_NONE};
	}
	*words = list.at;
	*n = list.n;
}

static void list_words(const struct consumer_walk *w, uint32_t node, struct start_word **words, size_t *n)
{
	struct arena *a = w->p->f->arena;
	struct yaml *y = &w->f->yaml;
	struct yaml_list items = yaml_items(a, y, node);
	VEC(struct start_word) list = {0};
	for (size_t i = 0; i < items.n; i++) {
		uint32_t item = yaml_resolve(y, items.at[i]);
		struct str text = yaml_scalar(y, item);
		if (text.p)
			*VEC_PUSH(a, list) = (struct start_word){.text = text,
								 .span = y->at[item].span,
								 .plain = y->at[item].verbatim && !y->at[item].shared,
								 .ins = INS_NONE};
	}
	*words = list.at;
	*n = list.n;
}

void consumer_command(const struct consumer_walk *w, uint32_t node, bool starts)
{
	struct yaml *y = &w->f->yaml;
	struct start_word *words;
	size_t n;
	node = yaml_resolve(y, node);
	if (node == YAML_NONE)
		return;
	struct str text = yaml_scalar(y, node);
	if (text.p)
		split_words(w->p->f->arena, text, y->at[node].span.start, y->at[node].verbatim && !y->at[node].shared,
			    &words, &n);
	else
		list_words(w, node, &words, &n);
	if (starts)
		plan_port_words(w->p, words, n, w->f->file, w->change);
	/* From the first word's beginning to the end of the last one, as the file has it. */
	struct span all = text.p ? y->at[node].span
			  : n	 ? (struct span){words[0].span.start, words[n - 1].span.end}
				 : (struct span){0, 0};
	if (all.start >= all.end)
		return;
	if (!starts && !y->at[node].shared)
		plan_port_urls(w->p, w->change, w->f->file, all);
	if (plan_port_remains(w->p, w->change, w->f->file, all))
		consumer_doubt(w, node, "a command names the port in a way that is not understood");
}

static void walk_files(struct consumer_walk *w, bool compose, void (*each)(struct consumer_walk *w))
{
	for (size_t i = 0; i < w->consumers->files.n; i++) {
		w->f = &w->consumers->files.at[i];
		if (w->f->compose == compose)
			each(w);
	}
}

void plan_consumers(struct plan *p)
{
	struct facts *f = p->f;
	struct consumers *c = consumers_of(f->workspace, f->arena);
	if (c->unknown)
		plan_reason(p, UNROOT_UNSAFE, INS_NONE,
			    STR("the repository is too large to look for what uses the ports"));
	for (size_t i = 0; i < p->ports.n; i++)
		consumers_read_manifests(c, f->workspace, f->arena, arena_printf(f->arena, "%u", p->ports.at[i].from));
	struct map variables = plan_start_variables(p);
	for (size_t i = 0; i < p->ports.n; i++) {
		struct pods pods = {0};
		struct consumer_walk w = {.p = p,
					  .consumers = c,
					  .change = &p->ports.at[i],
					  .variables = variables,
					  .who = STR(""),
					  .pods = &pods};
		walk_files(&w, true, compose_sites);
		walk_files(&w, false, manifest_pods);
		walk_files(&w, false, manifest_services);
	}
}
