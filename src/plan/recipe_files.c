/* Which configuration the Dockerfile brings for a server, and what its steps do to the image's own. */
#include "base/path.h"
#include "plan/recipe.h"

enum { MAX_FILES = 64, MAX_COPIES = 256 };

static void not_known(struct plan *p, uint32_t ins, struct str what)
{
	if (!p->wishes->keep_ports)
		plan_reason(p, UNROOT_UNSAFE, ins,
			    arena_printf(p->f->arena, "%.*s: which port the server binds is not known", STR_ARG(what)));
}

bool recipe_is_other(const struct recipe *r, struct str path)
{
	const struct recipe_row *row = recipe_row(r, "other");
	struct str endings = row ? row->name : STR(""), ending;
	while (str_split(&endings, ',', &ending))
		if (ending.n && str_ends(path, ending))
			return true;
	return false;
}

static void unread(struct plan *p, struct recipe *r, uint32_t ins, struct str path)
{
	if (recipe_is_other(r, path))
		return;
	*VEC_PUSH(p->f->arena, r->unread) = path;
	not_known(p, ins, arena_printf(p->f->arena, "%.*s cannot be read here", STR_ARG(path)));
}

/* Files that another directory of the image links to go by their names there. */
static struct str linked(struct arena *a, const struct recipe *r, struct str path)
{
	const struct recipe_row *alias = recipe_row(r, "alias");
	if (!alias || !path_within(path, alias->name))
		return path;
	return arena_printf(a, "%.*s%.*s", STR_ARG(alias->value), STR_ARG(str_sub(path, alias->name.n, path.n)));
}

/* A file takes the place of the image's own one; a template does so when it is rendered. */
void recipe_replaces(struct plan *p, struct recipe *r, struct str path)
{
	const struct recipe_row *rendered = recipe_row(r, "rendered");
	path = linked(p->f->arena, r, path);
	if (rendered && path_within(path, rendered->name)) {
		struct str name = path_last(path);
		r->rendered = true;
		if (str_ends(name, STR(".template")))
			name.n -= STR(".template").n;
		else if (str_ends(name, STR("-template")))
			plan_reason(
				p, UNROOT_UNSAFE, INS_NONE,
				arena_printf(p->f->arena, "who writes what %.*s becomes is not known", STR_ARG(path)));
		path = path_join(p->f->arena, rendered->value, name);
	}
	for (size_t i = 0; i < r->rows.n; i++)
		if (str_eq(r->rows.at[i].name, path))
			r->rows.at[i].gone = true;
	r->main_replaced |= str_eq(path, r->main);
}

static bool add_file(struct plan *p, struct recipe *r, struct config_file file)
{
	if (map_get(&r->seen, file.path))
		return true;
	if (r->files.n >= MAX_FILES)
		return false;
	struct config_file *added = VEC_PUSH(p->f->arena, r->files);
	*added = file;
	*map_put(p->f->arena, &r->seen, file.path) = added;
	return true;
}

bool recipe_add_path(struct plan *p, struct recipe *r, struct str path)
{
	struct facts *f = p->f;
	const struct copy *copy;
	uint32_t file, mode;
	struct str source = facts_context_path(f, path, &copy);
	if (source.n == 0 || workspace_read(f->workspace, source, &file) != PROVIDED_FILE)
		return false;
	if (!copy->has_chmod && workspace_stat(f->workspace, source, &mode) == PROVIDED_FILE && !(mode & 0004))
		plan_reason(p, UNROOT_UNSAFE, copy->ins,
			    arena_printf(f->arena, "%.*s can be read by its owner alone", STR_ARG(source)));
	return add_file(p, r, (struct config_file){path, f->workspace->at[file].current, file, 0, copy->ins});
}

static void heredoc(struct plan *p, struct recipe *r, const struct copy *copy, bool directory)
{
	struct facts *f = p->f;
	struct args args;
	instruction_args(f->arena, f->doc, copy->ins, &args);
	for (uint32_t i = 0; i < args.nheredocs; i++) {
		const struct heredoc *h = &args.heredocs[i];
		struct str path = directory ? path_join(f->arena, copy->dest, h->name) : copy->dest;
		recipe_replaces(p, r, path);
		add_file(
			p, r,
			(struct config_file){path, source_text(&f->doc->source, h->body), 0, h->body.start, copy->ins});
	}
}

/* A destination that is a directory of the image, though not written so. */
static bool known_directory(const struct recipe *r, struct str path)
{
	for (size_t i = 0; i < r->rows.n; i++) {
		const struct recipe_row *row = &r->rows.at[i];
		bool names_file = str_eq(row->kind, STR("own")) || str_eq(row->kind, STR("site")) ||
				  str_eq(row->kind, STR("main"));
		bool names_directory = str_eq(row->kind, STR("rendered")) || str_eq(row->kind, STR("reads")) ||
				       str_eq(row->kind, STR("scripts"));
		if ((names_file && str_eq(path_parent(row->name), path)) ||
		    (names_directory && str_eq(row->name, path)))
			return true;
	}
	return false;
}

/* A directory of the context: the files whose names are known are asked for one by one. */
static void directory_copy(struct plan *p, struct recipe *r, struct str dest, struct str source)
{
	*VEC_PUSH(p->f->arena, r->unlisted) = (struct unlisted){dest, source};
	for (size_t i = 0; i < r->rows.n; i++) {
		const struct recipe_row *row = &r->rows.at[i];
		bool file = str_eq(row->kind, STR("own")) || str_eq(row->kind, STR("site")) ||
			    str_eq(row->kind, STR("main"));
		if (file && path_within(row->name, dest) && recipe_add_path(p, r, row->name))
			recipe_replaces(p, r, row->name);
	}
}

static void copy_source(struct plan *p, struct recipe *r, const struct copy *copy, struct str source)
{
	struct facts *f = p->f;
	uint32_t mode;
	bool directory = copy->dest_slash || known_directory(r, copy->dest);
	bool inside = path_within(copy->dest, r->area);
	struct str context = facts_context_source(f, source);
	enum provided kind = workspace_stat(f->workspace, context, &mode);
	if (kind == PROVIDED_DIRECTORY && !inside) {
		struct str below = str_sub(r->area, copy->dest.n == 1 ? 1 : copy->dest.n + 1, r->area.n);
		if (workspace_stat(f->workspace, path_join(f->scratch, context, below), &mode) != PROVIDED_NO)
			directory_copy(p, r, r->area, path_join(f->arena, source, below));
		return;
	}
	if (kind == PROVIDED_DIRECTORY) {
		directory_copy(p, r, copy->dest, source);
		return;
	}
	struct str path = directory ? path_join(f->arena, copy->dest, path_last(source)) : copy->dest;
	if (!path_within(path, r->area))
		return;
	recipe_replaces(p, r, path);
	if (recipe_is_other(r, path))
		return;
	if (str_find_char(source, '*', 0) != STR_NONE)
		*VEC_PUSH(f->arena, r->unlisted) = (struct unlisted){copy->dest, source};
	else if (!recipe_add_path(p, r, path))
		unread(p, r, copy->ins, path);
}

static void read_copy(struct plan *p, struct recipe *r, const struct copy *copy)
{
	struct str sources = copy->sources, source;
	bool inside = copy->dest.n && path_within(copy->dest, r->area);
	if (copy->dest.n == 0)
		not_known(p, copy->ins, p->f->workdirs.at[copy->workdir].known ? STR("where this is copied to depends on a variable")
									       : STR("the working directory of the base is not known"));
	if (!inside && !(copy->dest.n && path_within(r->area, copy->dest)))
		return;
	bool directory = copy->dest_slash || known_directory(r, copy->dest);
	if (copy->heredoc) {
		if (inside)
			heredoc(p, r, copy, directory);
		return;
	}
	if (copy->archive || copy->remote || copy->from_stage) {
		while (str_split(&sources, '\n', &source)) {
			struct str path = directory && inside ? path_join(p->f->arena, copy->dest, path_last(source))
							      : copy->dest;
			bool known = copy->from_stage && inside && recipe_add_path(p, r, path);
			if (!known && (inside || str_eq(path, STR("/"))))
				unread(p, r, copy->ins, path);
			recipe_replaces(p, r, path);
		}
		return;
	}
	while (str_split(&sources, '\n', &source)) {
		if (r->copies++ == MAX_COPIES)
			not_known(p, copy->ins, STR("more files are copied than are looked at"));
		if (r->copies > MAX_COPIES)
			return;
		copy_source(p, r, copy, source);
	}
}

static bool names_area(const struct recipe *r, struct str text)
{
	const struct recipe_row *mark = recipe_row(r, "mark");
	return str_find(text, r->area, 0) != STR_NONE || (mark && str_find(text, mark->name, 0) != STR_NONE);
}

/* The next run of digits at or after *at that is a number. */
static bool next_number(struct str text, size_t *at, uint32_t *number)
{
	while (*at < text.n) {
		size_t start = *at;
		while (*at < text.n && ascii_digit(text.p[*at]))
			++*at;
		if (*at > start && str_to_u32(str_sub(text, start, *at), number))
			return true;
		if (*at == start)
			++*at;
	}
	return false;
}

/* Whether a command's words are about ports; `high` is a port above 1023 where one stands beside each low one, else 0.
 */
static bool about_ports(const struct shell_command *c, uint32_t *high)
{
	*high = 0;
	bool about = false;
	uint32_t low = 0, highs = 0;
	for (uint32_t i = 1; i < c->nwords; i++) {
		struct str text = c->words[i].text;
		uint32_t number;
		for (size_t at = 0; next_number(text, &at, &number);) {
			low += number == 80 || number == 443;
			if (number >= 1024 && number < 65536) {
				*high = number;
				highs++;
			}
		}
		about |= str_find(text, STR("isten"), 0) != STR_NONE ||
			 str_find(text, STR("VirtualHost"), 0) != STR_NONE ||
			 str_find(text, STR("PORT"), 0) != STR_NONE || str_find(text, STR("nclude "), 0) != STR_NONE ||
			 str_find(text, STR("IncludeOptional"), 0) != STR_NONE;
	}
	if (low == 0 || low != highs)
		*high = 0;
	return about || low;
}

static void removed(struct recipe *r, struct arena *a, struct str cwd, struct str word)
{
	size_t star = str_find_char(word, '*', 0);
	struct str path = linked(a, r, path_join(a, cwd, star == STR_NONE ? word : str_sub(word, 0, star)));
	for (size_t i = 0; i < r->rows.n; i++) {
		struct recipe_row *row = &r->rows.at[i];
		bool file = str_eq(row->kind, STR("own")) || str_eq(row->kind, STR("site"));
		if (file && (path_within(row->name, path) || (star != STR_NONE && str_starts(row->name, path))))
			row->gone = true;
	}
}

static bool has_word(const struct shell_command *c, struct str word)
{
	for (uint32_t i = 0; i < c->nwords; i++) {
		struct str text = c->words[i].text;
		if (str_eq(text, word) || (str_starts(text, word) && str_ends(text, STR(".conf"))))
			return true;
	}
	return false;
}

/* a2enmod, a2ensite and a2dissite. */
static void switched(struct recipe *r, const struct shell_command *c)
{
	bool off = str_eq(c->words[0].text, STR("a2dissite"));
	for (size_t i = 0; i < r->rows.n; i++) {
		struct recipe_row *row = &r->rows.at[i];
		struct str words = row->when, word;
		bool all = words.n > 0;
		while (all && str_word(&words, &word))
			all = has_word(c, word);
		if (all)
			row->gone = false;
		struct str site = path_last(row->name);
		if (off && str_eq(row->kind, STR("site")) && str_ends(site, STR(".conf")) &&
		    has_word(c, str_sub(site, 0, site.n - STR(".conf").n)))
			row->gone = true;
	}
}

/* sed puts a port above 1023 where the image's own low one was. */
static void moved(struct plan *p, struct recipe *r, const struct shell_command *c, struct str cwd, uint32_t port)
{
	for (uint32_t i = 1; i < c->nwords; i++)
		removed(r, p->f->scratch, cwd, c->words[i].text);
	*VEC_PUSH(p->f->arena, p->bound) = port;
}

static void changes(struct plan *p, struct recipe *r, const struct run *run, const struct shell_command *c,
		    struct str cwd)
{
	struct facts *f = p->f;
	const struct recipe_row *harmless = recipe_row(r, "harmless");
	struct str name = c->nwords ? command_name(c->words[0].text) : STR("");
	bool sed = str_eq(name, STR("sed"));
	bool echo = str_eq(name, STR("echo")) || str_eq(name, STR("printf"));
	bool writes = sed, body = false;
	uint32_t high = 0;
	for (uint32_t i = 0; i < c->nredirects; i++) {
		body |= c->redirects[i].kind == REDIRECT_HEREDOC;
		writes |= (c->redirects[i].kind == REDIRECT_OUT || c->redirects[i].kind == REDIRECT_APPEND) &&
			  path_within(path_join(f->scratch, cwd, c->redirects[i].target.text), r->area);
	}
	if (str_eq(name, STR("rm"))) {
		for (uint32_t i = 1; i < c->nwords; i++)
			if (c->words[i].text.n && c->words[i].text.p[0] != '-')
				removed(r, f->scratch, cwd, c->words[i].text);
		return;
	}
	if (!writes && harmless && recipe_lists(harmless->name, name))
		return;
	if ((sed || (echo && writes)) && !body && !about_ports(c, &high))
		return;
	if (sed && high) {
		moved(p, r, c, cwd, high);
		return;
	}
	not_known(p, run->ins, STR("this step changes the server's configuration"));
}

static void read_run(struct plan *p, struct recipe *r, const struct run *run)
{
	struct facts *f = p->f;
	struct args args;
	struct shell_script script = {0};
	struct str cwd = f->workdirs.at[run->workdir].path;
	instruction_args(f->scratch, f->doc, run->ins, &args);
	struct str text = args.nheredocs == 1 && (run->flags & RUN_SCRIPT)
				  ? source_text(&f->doc->source, args.heredocs[0].body)
			  : args.form != ARGS_EXEC && args.nwords ? args.words[0].text
								  : STR("");
	shell_parse(f->scratch, text, &script);
	for (size_t i = 0; i < script.n; i++) {
		const struct shell_command *c = &script.at[i];
		bool touches = path_within(cwd, r->area) && c->nredirects;
		if (c->nwords == 2 && str_eq(c->words[0].text, STR("cd")))
			cwd = path_join(f->scratch, cwd, c->words[1].text);
		for (uint32_t w = 1; w < c->nwords; w++)
			touches |= names_area(r, c->words[w].text);
		for (uint32_t w = 0; w < c->nredirects; w++)
			touches |= names_area(r, c->redirects[w].target.text);
		touches |= path_within(cwd, r->area) && c->nwords &&
			   (str_eq(c->words[0].text, STR("rm")) || str_eq(c->words[0].text, STR("sed")) ||
			    str_eq(c->words[0].text, STR("mv")) || str_eq(c->words[0].text, STR("cp")));
		if (c->nwords)
			switched(r, c);
		if (touches)
			changes(p, r, run, c, cwd);
	}
}

void recipe_find_files(struct plan *p, struct recipe *r)
{
	struct facts *f = p->f;
	for (size_t i = 0; i < r->rows.n; i++)
		r->rows.at[i].gone = r->rows.at[i].when.n > 0;
	for (size_t i = 0; i < f->runs.n; i++)
		read_run(p, r, &f->runs.at[i]);
	for (size_t i = 0; i < f->copies.n; i++)
		read_copy(p, r, &f->copies.at[i]);
}
