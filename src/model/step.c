/* The commands of a step, one by one, and where they run. */
#include "model/step.h"

#include "base/path.h"

enum {
	MAX_NESTING = 4,    /* sh -c "sh -c '…'" */
	MAX_DEPTH = 16,	    /* find -exec env python -m … */
	MAX_SHELL = 512,    /* bytes of a SHELL instruction that are read for each step */
	MAX_READ_ONLY = 512 /* bytes of the paths that a step has mounted */
};

void step_needs_root(struct step *s, struct str command)
{
	if (s->how & (UNWRAP_OTHER_USER | UNWRAP_FAKE))
		return;
	if (s->how & UNWRAP_SUDO) {
		s->run->flags |= RUN_SUDO;
		return;
	}
	s->run->flags |= RUN_NEEDS_ROOT | RUN_RESERVED;
	if (s->words->root_command.n == 0)
		s->words->root_command = command;
}

void step_wants_root(struct step *s, struct str command)
{
	uint32_t reserved = s->run->flags & RUN_RESERVED;
	step_needs_root(s, command);
	s->run->flags = (s->run->flags & ~(uint32_t)RUN_RESERVED) | reserved;
}

void step_opaque(struct step *s, struct str command)
{
	s->run->flags |= RUN_OPAQUE;
	s->f->brought |= BROUGHT_UNKNOWN;
	if (s->words->opaque.n == 0)
		s->words->opaque = command;
}

void step_unreadable(struct step *s)
{
	s->run->flags |= RUN_UNREADABLE;
	if (s->words->opaque.n == 0)
		s->words->opaque = STR("the shell text");
}

void step_proves_root(struct step *s)
{
	const uint32_t unsure = SHELL_CONDITIONAL | SHELL_TEST | SHELL_FUNCTION | SHELL_BACKGROUND | SHELL_SUBSTITUTION;
	if (!s->how && !(s->where & unsure))
		s->run->flags |= RUN_PROVES_ROOT;
}

/* The value of a word: quotes are gone already, variables of the file are put in; empty p when not known. */
struct str step_value(const struct step *s, const struct shell_word *word)
{
	struct expansion e = {.text = word->text, .known = true};
	struct str unknown = {NULL, 0};
	bool home = word->tilde && str_starts(word->text, STR("~")) && (word->text.n == 1 || word->text.p[1] == '/');
	if (word->glob || word->brace || (word->tilde && !(home && s->home.n)))
		return unknown;
	if (word->expands) {
		if (str_find(word->text, STR("$("), 0) != STR_NONE || str_find_char(word->text, '`', 0) != STR_NONE)
			return unknown;
		expand_word(s->f->scratch, &s->vars, '\\', word->text, true, &e);
	}
	if (!e.known || !home)
		return e.known ? e.text : unknown;
	return arena_printf(s->f->scratch, "%.*s%.*s", STR_ARG(s->home), STR_ARG(str_sub(e.text, 1, e.text.n)));
}

void step_nested(struct step *s, struct str text)
{
	struct scope outer = s->vars;
	struct step saved = *s;
	if (s->nesting >= MAX_NESTING) {
		step_opaque(s, STR("a script within scripts"));
		return;
	}
	s->nesting++;
	s->vars = scope_child(s->f->scratch, &outer);
	s->errexit = false;
	s->input = (struct str){NULL, 0};
	s->args = NULL;
	step_script(s, text);
	saved.functions = s->functions;
	*s = saved;
}

void step_sourced(struct step *s, struct str text)
{
	struct step saved = *s;
	if (s->nesting >= MAX_NESTING) {
		step_opaque(s, STR("a script within scripts"));
		return;
	}
	s->nesting++;
	s->input = (struct str){NULL, 0};
	s->args = NULL;
	step_script(s, text);
	s->nesting = saved.nesting;
	s->input = saved.input;
	s->args = saved.args;
}

/* "./setup.sh": a command that its path names. */
static bool is_script(struct step *s, const struct shell_word *word)
{
	return str_find_char(word->text, '/', 0) != STR_NONE && step_run_script(s, word);
}

/* A command behind sudo, su, env and the like, or one that stands alone. */
static void run_command(struct step *s, const struct command_fact *fact, const struct shell_word *words, uint32_t n,
			uint32_t at)
{
	if (n == 0 || (s->start && start_program(s, words, n)))
		return;
	if (fact->effect != EFFECT_UNKNOWN)
		step_effect(s, fact, words, n, at);
	else if (!(s->how & UNWRAP_OTHER_USER) && !map_get(&s->functions, words[0].text) && !is_script(s, &words[0]))
		step_opaque(s, words[0].text);
}

void step_command(struct step *s, const struct shell_word *words, uint32_t n, uint32_t at)
{
	if (s->start && n && start_program(s, words, n))
		return; /* sudo and gosu say themselves that root is needed */
	struct unwrapped u = command_unwrap(s->f->tables->commands, words, n);
	uint32_t outer = s->how;
	if (s->depth >= MAX_DEPTH) {
		step_opaque(s, words[0].text);
		return;
	}
	s->depth++;
	if (u.how & UNWRAP_SUDO)
		s->run->flags |= u.how & UNWRAP_OTHER_USER ? RUN_SUDO : RUN_SUDO | RUN_LACKS_ROOT;
	s->how |= u.how & UNWRAP_SUDO;
	if (u.how & UNWRAP_OTHER_USER || u.text)
		step_needs_root(s, u.by); /* only root becomes somebody else */
	s->how |= u.how;
	if (u.text)
		step_nested(s, u.text->text);
	else if (u.skip == n && u.by.n && s->input.p && (u.how & (UNWRAP_SUDO | UNWRAP_OTHER_USER)))
		step_nested(s, s->input); /* su app <<EOF */
	else
		run_command(s, &u.fact, words + u.skip, n - u.skip, at);
	s->how = outer;
	s->depth--;
}

/* echo 'app:x:1000:…' >> /etc/passwd */
static void note_account_line(struct step *s, struct str file, const struct shell_word *word, uint32_t at)
{
	struct str line = step_value(s, word);
	accounts_line(&s->f->accounts, s->f->arena, file, line.p ? line : word->text, s->ins, at);
}

static void redirects(struct step *s, const struct shell_command *c)
{
	for (uint32_t i = 0; i < c->nredirects; i++) {
		const struct shell_redirect *r = &c->redirects[i];
		if (r->kind != REDIRECT_OUT && r->kind != REDIRECT_APPEND)
			continue;
		struct str path = step_path(s, &r->target);
		if (path.p && c->nwords > 1 && (str_eq(path, STR("/etc/passwd")) || str_eq(path, STR("/etc/group"))))
			note_account_line(s, path, &c->words[c->nwords - 1], c->start);
		step_write_word(s, MADE_CONTENT, &r->target, c->nwords ? c->words[0].text : STR(">"));
	}
}

/* The text of a here-document: it stands in the script, or behind the instruction. */
/* The carriage returns of a file with CRLF are no part of words; blanks in their place keep every offset. */
static struct str body_text(struct step *s, struct span span)
{
	struct str body = source_text(&s->f->doc->source, span);
	if (str_find_char(body, '\r', 0) == STR_NONE)
		return body;
	char *copy = arena_alloc(s->f->scratch, body.n);
	memcpy(copy, body.p, body.n);
	for (size_t i = 0; i + 1 < body.n; i++)
		if (copy[i] == '\r' && copy[i + 1] == '\n')
			copy[i] = ' ';
	return (struct str){copy, body.n};
}

static struct str heredoc_body(struct step *s, const struct shell_redirect *r)
{
	if (r->body.p || !s->args || s->heredoc >= s->args->nheredocs)
		return r->body;
	return body_text(s, s->args->heredocs[s->heredoc++].body);
}

static struct str input_of(struct step *s, const struct shell_command *c)
{
	struct str input = {NULL, 0};
	for (uint32_t i = 0; i < c->nredirects; i++) {
		const struct shell_redirect *r = &c->redirects[i];
		struct str text = {NULL, 0};
		if (r->kind == REDIRECT_HEREDOC)
			text = heredoc_body(s, r);
		else if (r->kind == REDIRECT_HERESTRING)
			text = step_value(s, &r->target);
		if (r->fd == 0 && (text.p || r->kind == REDIRECT_IN))
			input = text;
	}
	return input;
}

/* NAME=value: from there on the file's variable of that name is hidden. What may not happen, or happens elsewhere,
   leaves it unknown. */
static void assign(struct step *s, const struct shell_word *word)
{
	const uint32_t unsure = SHELL_CONDITIONAL | SHELL_LOOP | SHELL_FUNCTION | SHELL_SUBSHELL | SHELL_SUBSTITUTION |
				SHELL_PIPE_IN | SHELL_PIPE_OUT | SHELL_BACKGROUND;
	struct str known = {NULL, 0}, name = word->text;
	size_t equals = str_find_char(word->text, '=', 0);
	if (equals != STR_NONE) {
		struct shell_word value = *word;
		value.text = str_sub(word->text, equals + 1, word->text.n);
		name = str_sub(word->text, 0, equals);
		if (!(s->where & unsure))
			known = step_value(s, &value);
	}
	scope_put(&s->vars, name,
		  (struct variable){.value = known.p ? known : STR(""), .known = known.p != NULL, .from_env = true});
}

static void assignments(struct step *s, const struct shell_command *c)
{
	struct str name = c->nwords ? c->words[0].text : STR("");
	bool changes = str_in_list(STR("read,unset,getopts,mapfile,readarray"), name);
	for (uint32_t i = 0; c->nwords == 0 && i < c->nassignments; i++)
		assign(s, &c->assignments[i]);
	if (!changes && !str_in_list(STR("export,local,declare,typeset,readonly"), name))
		return;
	for (uint32_t i = 1; i < c->nwords; i++)
		if (changes || str_find_char(c->words[i].text, '=', 0) != STR_NONE)
			assign(s, &c->words[i]);
}

/* set -e, set -eux, set -o errexit */
static bool sets_errexit(const struct shell_word *words, uint32_t n)
{
	for (uint32_t i = 1; i < n; i++) {
		struct str word = words[i].text;
		if (str_eq(word, STR("errexit")) ||
		    (word.n > 1 && word.p[0] == '-' && str_find_char(word, 'e', 1) != STR_NONE))
			return true;
	}
	return false;
}

static bool is_name(char c)
{
	return ascii_alpha(c) || ascii_digit(c) || c == '_' || c == '-' || c == '.';
}

/* The names of functions in the text before one of their commands: "name() {", "function name {". */
static void note_functions(struct step *s, struct str gap)
{
	for (size_t i = 0; i < gap.n; i++) {
		if (gap.p[i] != '{' && gap.p[i] != '(')
			continue;
		size_t end = i;
		while (end > 0 && ascii_blank(gap.p[end - 1]))
			end--;
		size_t start = end;
		while (start > 0 && is_name(gap.p[start - 1]))
			start--;
		if (start < end)
			*map_put(s->f->scratch, &s->functions, str_sub(gap, start, end)) = s;
	}
}

static void find_functions(struct step *s, struct str text, const struct shell_script *script)
{
	size_t end = 0;
	for (size_t i = 0; i < script->n; i++) {
		const struct shell_command *c = &script->at[i];
		if ((c->where & SHELL_FUNCTION) && c->start > end)
			note_functions(s, str_sub(text, end, c->start));
		end = c->end > end ? c->end : end;
	}
}

/* Where the commands of one text run. */
struct place_of_work {
	struct str outside, before; /* the directory around a subshell; around a $(…) */
	uint32_t where;		    /* of the command before */
	uint32_t end;		    /* of what was read */
	bool doubt;		    /* there was a cd that may not happen */
	uint32_t list;		    /* where it was: see struct shell_command */
};

/* One subshell may end and another begin between two commands; the text between them shows it. */
static void between_subshells(struct step *s, struct str gap, struct str outside)
{
	gap = str_trim(gap);
	if (str_find_char(gap, ')', 0) == STR_NONE)
		return;
	bool next = gap.p[0] == ')' && gap.p[gap.n - 1] == '(';
	s->cwd = next ? outside : STR("");
}

/* A subshell's cd ends with it; one that may not happen holds for its own list of commands only. */
static void follow_directory(struct step *s, struct str text, const struct shell_command *c, struct place_of_work *w)
{
	bool inside = (c->where & SHELL_SUBSHELL) != 0, was_inside = (w->where & SHELL_SUBSHELL) != 0;
	bool within = (c->where & SHELL_SUBSTITUTION) != 0, was_within = (w->where & SHELL_SUBSTITUTION) != 0;
	if (was_within && !within)
		s->cwd = w->before;
	if (was_inside && !inside)
		s->cwd = w->outside;
	if (was_inside && inside && c->start > w->end)
		between_subshells(s, str_sub(text, w->end, c->start), w->outside);
	if (w->doubt && c->list != w->list) {
		s->cwd = STR("");
		w->doubt = false;
	}
	if (inside && !was_inside)
		w->outside = s->cwd;
	if (within && !was_within)
		w->before = s->cwd;
	w->where = c->where;
	w->end = c->end > w->end ? c->end : w->end;
}

static void read_one(struct step *s, const struct shell_command *c)
{
	if (c->nwords && str_eq(c->words[0].text, STR("set")))
		s->errexit |= sets_errexit(c->words, c->nwords);
	assignments(s, c);
	redirects(s, c);
	s->input = input_of(s, c);
	if (c->nwords)
		step_command(s, c->words, c->nwords, c->start);
}

void step_script(struct step *s, struct str text)
{
	const uint32_t maybe = SHELL_CONDITIONAL | SHELL_LOOP | SHELL_FUNCTION;
	struct shell_script script = {0};
	struct place_of_work w = {.end = 0};
	const struct shell_command *command = s->command, *tried = s->tried, *test = s->test;
	uint32_t around = s->where;
	s->tried = s->test = NULL;
	shell_parse(s->f->scratch, text, &script);
	find_functions(s, text, &script);
	for (size_t i = 0; i < script.n; i++) {
		const struct shell_command *c = &script.at[i];
		follow_directory(s, text, c, &w);
		const char *cwd = s->cwd.p;
		s->command = c;
		s->where = around | c->where;
		s->last_list = script.at[script.n - 1].list;
		read_one(s, c);
		if (c->where & SHELL_TEST)
			s->tried = c;
		if (c->nwords && str_in_list(STR("[,[[,test"), c->words[0].text))
			s->test = c;
		if (s->cwd.p != cwd && (c->where & maybe)) {
			w.doubt = true;
			w.list = c->list;
		}
	}
	s->command = command;
	s->tried = tried;
	s->test = test;
	s->where = around;
	if (w.where & SHELL_SUBSHELL)
		s->cwd = w.outside;
	else if (w.where & SHELL_SUBSTITUTION)
		s->cwd = w.before;
	if (script.unknown)
		step_unreadable(s);
	bool background = script.n && (script.at[script.n - 1].where & SHELL_BACKGROUND);
	s->end = script.unknown || script.n == 0 || background ? STR_NONE : script.end;
}

/* Exec form: the words are the command; sh -c is looked into. */
static void read_exec(struct step *s, const struct args *args)
{
	struct shell_word *words = ARENA_ARRAY(s->f->scratch, struct shell_word, args->nwords);
	for (uint32_t i = 0; i < args->nwords; i++)
		words[i] = (struct shell_word){.text = args->words[i].text, .literal = true, .quoted = true};
	if (args->nwords)
		step_command(s, words, args->nwords, 0);
}

/* Whether SHELL is one that reads shell text, with its -e noted. */
static bool shell_reads(struct step *s)
{
	const struct facts *f = s->f;
	struct args args;
	bool found = false;
	if (f->shell.ins == INS_NONE)
		return true;
	const struct instruction *ins = &f->doc->instructions.at[f->shell.ins];
	if (ins->end - ins->start > MAX_SHELL)
		return false;
	instruction_args(f->scratch, f->doc, f->shell.ins, &args);
	for (uint32_t i = 0; i < args.nwords; i++) {
		struct shell_word word = {.text = args.words[i].text};
		found |= command_lookup(f->tables->commands, &word, 1).effect == EFFECT_SHELL;
		s->errexit |= i > 0 && word.text.n > 1 && word.text.p[0] == '-' && word.text.p[1] != '-' &&
			      str_find_char(word.text, 'e', 1) != STR_NONE;
	}
	return found;
}

static void note_read_only(struct step *s, struct str path)
{
	struct str *paths = &s->run->read_only;
	bool many = paths->n + path.n > MAX_READ_ONLY || str_eq(*paths, STR("/"));
	*paths = many ? STR("/")
		      : arena_printf(s->f->arena, "%.*s%s%.*s", STR_ARG(*paths), paths->n ? "\n" : "", STR_ARG(path));
}

/* --mount=type=cache,target=/root/.cache: what is written there is not in the image. */
static void read_mount(struct step *s, struct str value)
{
	struct str field, target = STR(""), type = STR("bind");
	while (str_split(&value, ',', &field)) {
		size_t equals = str_find_char(field, '=', 0);
		struct str name = equals == STR_NONE ? field : str_sub(field, 0, equals);
		if (equals != STR_NONE && str_in_list(STR("target,dst,destination"), name))
			target = str_sub(field, equals + 1, field.n);
		else if (equals != STR_NONE && str_eq(name, STR("type")))
			type = str_sub(field, equals + 1, field.n);
	}
	if (target.n == 0)
		return;
	struct shell_word word = {.text = target, .expands = true};
	struct str path = step_path(s, &word);
	if (path.p)
		*map_put(s->f->scratch, &s->mounts, path) = s;
	if (!str_in_list(STR("cache,tmpfs"), type)) /* what is written to a bind is lost, if it may be written to */
		note_read_only(s, path.p ? path : STR("/"));
}

static void read_mounts(struct step *s, const struct args *args)
{
	for (uint32_t i = 0; i < args->nflags; i++)
		if (str_eq(args->flags[i].name, STR("mount")))
			read_mount(s, args->flags[i].value);
}

/* "RUN <<EOF" with nothing else: the here-document is the script. */
static bool is_heredoc_script(const struct args *args)
{
	if (args->nheredocs != 1 || args->nwords == 0 || !str_starts(args->words[0].text, STR("<<")))
		return false;
	struct str rest = str_sub(args->words[0].text, 2, args->words[0].text.n), name;
	rest = str_starts(rest, STR("-")) ? str_sub(rest, 1, rest.n) : rest;
	return str_word(&rest, &name) && str_trim(rest).n == 0 && str_find_char(name, '>', 0) == STR_NONE &&
	       str_find_char(name, '|', 0) == STR_NONE && str_find_char(name, ';', 0) == STR_NONE &&
	       str_find_char(name, '&', 0) == STR_NONE;
}

static void read_heredoc_script(struct step *s, struct str text)
{
	struct shell_word words[4] = {{.text = {"", 0}}};
	uint32_t n = script_shebang(text, words, 4);
	s->run->flags |= RUN_SCRIPT;
	if (n && command_lookup(s->f->tables->commands, words, 1).effect != EFFECT_SHELL) {
		step_opaque(s, command_name(words[0].text));
		return;
	}
	s->errexit = n ? sets_errexit(words, n) : s->errexit;
	step_script(s, text);
}

static void read_text(struct step *s, const struct args *args)
{
	if (args->form == ARGS_EXEC) {
		s->run->flags |= RUN_EXEC;
		if (s->f->family == FAMILY_WINDOWS)
			step_opaque(s, args->nwords ? args->words[0].text : STR("RUN"));
		else
			read_exec(s, args);
	} else if (args->nwords == 0) {
		return;
	} else if (s->f->family == FAMILY_WINDOWS || !shell_reads(s)) {
		step_opaque(s, STR("text for another shell"));
	} else if (is_heredoc_script(args)) {
		read_heredoc_script(s, body_text(s, args->heredocs[0].body));
	} else {
		s->args = args->nheredocs ? args : NULL;
		s->nesting = args->nheredocs ? 1 : 0; /* step_text() gives another text then */
		step_script(s, args->words[0].text);
		if (s->end != STR_NONE && args->nheredocs == 0) {
			s->run->flags |= RUN_APPENDABLE;
			s->run->end = view_end(&args->view, args->words[0].at + s->end);
		}
	}
}

/* What is known where the step begins. */
static void read_surroundings(struct step *s, const struct args *args)
{
	struct facts *f = s->f;
	const struct variable *home = scope_get(f->env, STR("HOME")), *venv = scope_get(f->env, STR("VIRTUAL_ENV"));
	if (home && home->known)
		s->home = home->value;
	else if (!home && f->users.at[f->users.n - 1].kind == USER_ROOT)
		s->home = STR("/root");
	if (!home && s->home.n && str_find(args->view.text, STR("HOME"), 0) != STR_NONE)
		scope_put(&s->vars, STR("HOME"), (struct variable){.value = s->home, .known = true, .from_env = true});
	if (venv && venv->known && str_starts(venv->value, STR("/")))
		s->venv = venv->value;
	read_mounts(s, args);
}

static bool same_words(const struct run_words *a, const struct run_words *b)
{
	return str_eq(a->opaque, b->opaque) && str_eq(a->root_command, b->root_command) &&
	       str_eq(a->package, b->package);
}

/* Those of the step before where they are the same. */
static const struct run_words *keep_words(struct facts *f, const struct run_words *words)
{
	static const struct run_words none = {{"", 0}, {"", 0}, {"", 0}};
	const struct run_words *last = f->runs.n > 1 ? f->runs.at[f->runs.n - 2].words : &none;
	if (same_words(words, &none))
		return &none;
	if (same_words(words, last))
		return last;
	struct run_words *kept = ARENA_NEW(f->arena, struct run_words);
	*kept = (struct run_words){facts_keep(f, words->opaque), facts_keep(f, words->root_command),
				   facts_keep(f, words->package)};
	return kept;
}

void facts_read_run(struct facts *f, const struct args *args, uint32_t ins)
{
	const struct workdir *workdir = facts_workdir(f);
	struct run_words words = {{"", 0}, {"", 0}, {"", 0}};
	struct step s = {.f = f,
			 .words = &words,
			 .index = (uint32_t)f->runs.n,
			 .cwd = workdir->known ? workdir->path : STR(""),
			 .ins = ins,
			 .vars = scope_child(f->scratch, f->env)};
	s.run = VEC_PUSH(f->arena, f->runs);
	*s.run = (struct run){.ins = ins, .user = (uint32_t)f->users.n - 1, .workdir = (uint32_t)f->workdirs.n - 1};
	read_surroundings(&s, args);
	read_text(&s, args);
	s.run->words = keep_words(f, &words);
	if (s.run->flags & (RUN_NEEDS_ROOT | RUN_OPAQUE | RUN_UNREADABLE))
		f->last_root_step = ins;
}
