/* Each command of a step is looked up and its effect on paths noted. */
#include "model/step.h"

#include "base/buf.h"
#include "base/path.h"

enum { MAX_NESTING = 4 }; /* sh -c "sh -c '…'" */

static void note(struct step *s, uint32_t flag, struct str command)
{
	struct str *first = flag & (RUN_OPAQUE | RUN_UNREADABLE) ? &s->run->opaque : &s->run->root_command;
	if (first->n == 0)
		*first = arena_str(s->f->arena, command);
	s->run->flags |= flag;
}

/* The value of a word: quotes are gone already, variables of the file are put in; empty p when not known. */
struct str step_value(const struct step *s, const struct shell_word *word)
{
	struct expansion e;
	if (word->glob || word->brace || word->tilde)
		return (struct str){NULL, 0};
	if (!word->expands)
		return word->text;
	if (str_find(word->text, STR("$("), 0) != STR_NONE || str_find_char(word->text, '`', 0) != STR_NONE)
		return (struct str){NULL, 0};
	expand_word(s->f->scratch, &s->vars, '\\', word->text, true, &e);
	return e.known ? e.text : (struct str){NULL, 0};
}

static struct str path_of(const struct step *s, const struct shell_word *word)
{
	struct str value = step_value(s, word);
	if (!value.p || value.n == 0 || (value.p[0] != '/' && s->cwd.n == 0))
		return (struct str){NULL, 0};
	return path_join(s->f->arena, s->cwd, value);
}

static void add_made(struct step *s, enum made_kind kind, struct str path, bool recursive, struct str owner)
{
	*VEC_PUSH(s->f->arena, s->f->made) = (struct made){kind, path, arena_str(s->f->arena, owner), recursive, s->index};
}

/* Something is written at `path`. */
static void write_path(struct step *s, enum made_kind kind, struct str path, struct str command)
{
	if (!path.p) {
		s->run->flags |= RUN_TREE;
		return;
	}
	switch (tables_place(s->f->tables, path)) {
	case PLACE_SYSTEM: note(s, RUN_NEEDS_ROOT, command); break;
	case PLACE_TEMP: break;
	case PLACE_HOME: note(s, RUN_NEEDS_ROOT, command); /* fall through */
	default:
		add_made(s, kind, path, kind == MADE_FILLED, STR(""));
		s->run->flags |= RUN_TREE;
		break;
	}
}

static bool is_option(struct str word)
{
	return word.n > 1 && word.p[0] == '-';
}

/* The value of option `name` ("-C"), written apart or joined; NULL when it is not there. */
static const struct shell_word *option_value(const struct shell_word *words, uint32_t n, struct str name)
{
	for (uint32_t i = 1; i + 1 < n; i++)
		if (str_eq(words[i].text, name))
			return &words[i + 1];
	return NULL;
}

static bool has_letter(const struct shell_word *words, uint32_t n, char letter)
{
	for (uint32_t i = 1; i < n; i++) {
		struct str w = words[i].text;
		if (is_option(w) && w.p[1] != '-' && str_find_char(w, letter, 1) != STR_NONE)
			return true;
	}
	return false;
}

static void create(struct step *s, const struct shell_word *words, uint32_t n)
{
	enum made_kind kind = str_eq(command_name(words[0].text), STR("mkdir")) ? MADE_DIRECTORY : MADE_FILE;
	if (str_eq(command_name(words[0].text), STR("mktemp")))
		return;
	for (uint32_t i = 1; i < n; i++) {
		if (is_option(words[i].text)) {
			if (str_eq(words[i].text, STR("-m")) || str_eq(words[i].text, STR("-d")))
				i++;
			continue;
		}
		write_path(s, kind, path_of(s, &words[i]), words[0].text);
	}
}

static void copy_files(struct step *s, const struct shell_word *words, uint32_t n)
{
	const struct shell_word *target = option_value(words, n, STR("-t"));
	bool removes = str_eq(command_name(words[0].text), STR("mv"));
	uint32_t last = 0;
	if (str_eq(command_name(words[0].text), STR("install")) && has_letter(words, n, 'd')) {
		create(s, words, n);
		return;
	}
	for (uint32_t i = 1; i < n; i++)
		if (!is_option(words[i].text))
			last = i;
	if (!target && last)
		target = &words[last];
	for (uint32_t i = 1; removes && i < last; i++)
		if (!is_option(words[i].text)) {
			struct str path = path_of(s, &words[i]);
			if (path.p)
				add_made(s, MADE_REMOVED, path, true, STR(""));
		}
	if (target)
		write_path(s, MADE_FILLED, path_of(s, target), words[0].text);
}

static void unpack(struct step *s, const struct shell_word *words, uint32_t n)
{
	const struct shell_word *dir = option_value(words, n, STR("-C"));
	if (!dir)
		dir = option_value(words, n, STR("-d"));
	if (!dir)
		dir = option_value(words, n, STR("--directory"));
	write_path(s, MADE_FILLED, dir ? path_of(s, dir) : s->cwd.n ? s->cwd : (struct str){NULL, 0}, words[0].text);
}

static void fetch(struct step *s, const struct shell_word *words, uint32_t n)
{
	static const char *const names[] = {"-o", "-O", "--output", "--output-document", "-out", "-P"};
	bool curl = str_eq(command_name(words[0].text), STR("curl"));
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (curl && str_eq(STR("-O"), str_of(names[i])))
			continue;
		const struct shell_word *file = option_value(words, n, str_of(names[i]));
		if (file && str_eq(file->text, STR("-")))
			return;
		if (file) {
			write_path(s, MADE_FILE, path_of(s, file), words[0].text);
			return;
		}
	}
	if (curl && !has_letter(words, n, 'O') && !has_letter(words, n, 'o'))
		return; /* to standard output */
	if (s->cwd.n)
		write_path(s, MADE_FILE, path_join(s->f->arena, s->cwd, STR("download")), words[0].text);
}

static void operands(struct step *s, const struct shell_word *words, uint32_t n, enum made_kind kind, bool has_value)
{
	bool recursive = has_letter(words, n, 'R') || has_letter(words, n, 'r');
	struct str owner = STR("");
	bool value_seen = !has_value;
	for (uint32_t i = 1; i < n; i++) {
		struct str value;
		if (is_option(words[i].text))
			continue;
		if (!value_seen) {
			value = step_value(s, &words[i]);
			owner = value.p ? value : words[i].text;
			value_seen = true;
			continue;
		}
		struct str path = path_of(s, &words[i]);
		if (!path.p && words[i].glob && s->cwd.n) {
			/* a glob: what lies beside it */
			size_t slash = str_find_last_char(words[i].text, '/');
			struct str dir = slash == STR_NONE ? STR(".") : str_sub(words[i].text, 0, slash ? slash : 1);
			if (str_find_char(dir, '*', 0) == STR_NONE && str_find_char(dir, '$', 0) == STR_NONE)
				path = path_join(s->f->arena, s->cwd, dir);
		}
		if (path.p)
			add_made(s, kind, path, recursive, owner);
	}
}

static void tree(struct step *s, struct str paths, struct str command)
{
	struct str where;
	s->run->flags |= RUN_TREE;
	if (s->cwd.n == 0)
		return;
	while (str_split(&paths, ',', &where)) {
		struct str path = path_join(s->f->arena, s->cwd, where);
		if (str_eq(where, STR(".")) && tables_place(s->f->tables, path) == PLACE_SYSTEM)
			continue; /* a tool run in / or /usr: where it writes is its own affair */
		write_path(s, MADE_FILLED, path, command);
	}
}

/* git clone URL DIR, or the last part of the URL. */
static void clone(struct step *s, const struct shell_word *words, uint32_t n)
{
	uint32_t at[2] = {0, 0}, count = 0;
	for (uint32_t i = 2; i < n; i++) {
		struct str w = words[i].text;
		if (str_eq(w, STR("-b")) || str_eq(w, STR("--branch")) || str_eq(w, STR("--depth")) ||
		    str_eq(w, STR("-c")) || str_eq(w, STR("-o"))) {
			i++;
			continue;
		}
		if (!is_option(w) && count < 2)
			at[count++] = i;
	}
	if (count == 2) {
		write_path(s, MADE_FILLED, path_of(s, &words[at[1]]), words[0].text);
	} else if (count == 1 && s->cwd.n) {
		struct str name = path_last(words[at[0]].text);
		if (str_ends(name, STR(".git")))
			name.n -= 4;
		write_path(s, MADE_FILLED, path_join(s->f->arena, s->cwd, name), words[0].text);
	}
}

/* python -m pip … is pip; python -m venv DIR makes DIR; other scripts write below where they run. */
static void interpreter(struct step *s, const struct shell_word *words, uint32_t n, uint32_t at)
{
	if (n > 2 && str_eq(words[1].text, STR("-m"))) {
		if (str_eq(words[2].text, STR("venv")) || str_eq(words[2].text, STR("virtualenv"))) {
			if (!is_option(words[n - 1].text))
				write_path(s, MADE_FILLED, path_of(s, &words[n - 1]), words[0].text);
			return;
		}
		step_command(s, words + 2, n - 2, at);
		return;
	}
	if (n > 1 && (str_eq(words[1].text, STR("--version")) || str_eq(words[1].text, STR("-V"))))
		return;
	if (n > 2 && str_eq(words[1].text, STR("setup.py"))) {
		note(s, RUN_NEEDS_ROOT, words[0].text);
		return;
	}
	tree(s, STR("."), words[0].text);
}

static void edit_files(struct step *s, const struct shell_word *words, uint32_t n)
{
	struct str name = command_name(words[0].text);
	bool in_place = has_letter(words, n, 'i') || str_eq(name, STR("tee")) || str_eq(name, STR("dos2unix"));
	if (!in_place)
		return;
	for (uint32_t i = 1; i < n; i++) {
		struct str path = is_option(words[i].text) ? (struct str){NULL, 0} : path_of(s, &words[i]);
		if (path.p && words[i].text.p[0] == '/' && tables_place(s->f->tables, path) == PLACE_SYSTEM)
			note(s, RUN_NEEDS_ROOT, words[0].text);
	}
}

static void shell(struct step *s, const struct shell_word *words, uint32_t n)
{
	const struct shell_word *text = command_shell_text(words, n);
	if (text && s->nesting < MAX_NESTING) {
		s->nesting++;
		step_script(s, text->text);
		s->nesting--;
		return;
	}
	note(s, RUN_OPAQUE, n > 1 ? words[n - 1].text : words[0].text);
}

static void change_directory(struct step *s, const struct shell_word *words, uint32_t n)
{
	struct str path = n == 2 ? path_of(s, &words[1]) : (struct str){NULL, 0};
	s->cwd = path.p ? path : (struct str){"", 0};
}

/* Package managers tell the family of a base that the table does not know. */
static void learn_family(struct facts *f, struct str name)
{
	static const struct {
		const char *tool;
		enum family family;
		enum account_tools tools;
	} managers[] = {{"apt-get", FAMILY_DEBIAN, TOOLS_SHADOW}, {"apt", FAMILY_DEBIAN, TOOLS_SHADOW},
			{"apk", FAMILY_ALPINE, TOOLS_BUSYBOX},	  {"dnf", FAMILY_RHEL, TOOLS_SHADOW},
			{"yum", FAMILY_RHEL, TOOLS_SHADOW},	  {"microdnf", FAMILY_RHEL, TOOLS_INSTALL},
			{"zypper", FAMILY_SUSE, TOOLS_SHADOW},	  {"pacman", FAMILY_ARCH, TOOLS_SHADOW}};
	for (size_t i = 0; f->family == FAMILY_UNKNOWN && i < sizeof managers / sizeof *managers; i++)
		if (str_eq(name, str_of(managers[i].tool))) {
			f->family = managers[i].family;
			f->tools = managers[i].tools;
			f->tools_manager = managers[i].tools == TOOLS_INSTALL ? arena_str(f->arena, name) : STR("");
			f->tools_package = STR("shadow-utils");
			f->family_sure = true;
			f->family_why = arena_printf(f->arena, "%.*s is used in it", STR_ARG(name));
		}
}

static void root_command(struct step *s, const struct shell_word *words, uint32_t n, bool sudo)
{
	struct str name = command_name(words[0].text);
	note(s, sudo ? RUN_SUDO : RUN_NEEDS_ROOT, name);
	learn_family(s->f, name);
	step_note_packages(s, words, n);
	if (str_eq(name, STR("apt-get")) || str_eq(name, STR("apk")) || str_eq(name, STR("dnf")) ||
	    str_eq(name, STR("yum")) || str_eq(name, STR("apt")) || str_eq(name, STR("microdnf")))
		s->run->flags |= sudo ? 0 : RUN_INSTALLS;
}

static void account(struct step *s, const struct shell_word *words, uint32_t n, uint32_t at, bool wrapped)
{
	struct facts *f = s->f;
	bool busybox = f->family == FAMILY_ALPINE || f->family == FAMILY_BUSYBOX || f->family == FAMILY_WOLFI;
	struct account_command command;
	accounts_command(&f->accounts, f->arena, &s->vars, words, n, busybox, s->ins, at);
	if (!s->start && account_command_read(f->arena, &s->vars, words, n, busybox, &command))
		step_note_account(s, &command, words, n, wrapped);
}

/* One command, wrappers gone; `words` is its name first. */
void step_command(struct step *s, const struct shell_word *words, uint32_t n, uint32_t at)
{
	bool switched = false;
	if (s->start && start_program(s, words, n))
		return;
	uint32_t skip = command_unwrap(s->f->tables->commands, words, n, &switched);
	bool sudo = skip > 0 && str_eq(command_name(words[0].text), STR("sudo"));
	words += skip;
	n -= skip;
	if (n == 0 || (skip && s->start && start_program(s, words, n)))
		return;
	struct command_fact fact = command_lookup(s->f->tables->commands, words, n);
	if (str_eq(fact.minds, STR("owner")))
		s->run->flags |= RUN_MINDS_OWNER;
	if (str_eq(fact.minds, STR("npm")))
		s->run->flags |= RUN_NPM;
	if (fact.home)
		s->run->flags |= RUN_HOME;
	switch (fact.effect) {
	case EFFECT_PLAIN: break;
	case EFFECT_ROOT:
	case EFFECT_SERVICE: root_command(s, words, n, sudo); break;
	case EFFECT_ACCOUNT:
		note(s, RUN_NEEDS_ROOT, words[0].text);
		account(s, words, n, at, skip > 0);
		break;
	case EFFECT_CREATE: create(s, words, n); break;
	case EFFECT_COPY: copy_files(s, words, n); break;
	case EFFECT_UNPACK: unpack(s, words, n); break;
	case EFFECT_FETCH: fetch(s, words, n); break;
	case EFFECT_EDIT: edit_files(s, words, n); break;
	case EFFECT_OWNER:
		note(s, RUN_NEEDS_ROOT, words[0].text);
		operands(s, words, n, MADE_OWNER, true);
		break;
	case EFFECT_MODE: operands(s, words, n, MADE_MODE, true); break;
	case EFFECT_REMOVE: operands(s, words, n, MADE_REMOVED, false); break;
	case EFFECT_CD: change_directory(s, words, n); break;
	case EFFECT_BUILD: note(s, RUN_NEEDS_ROOT, words[0].text); /* make install writes anywhere */
		tree(s, fact.paths, words[0].text);
		break;
	case EFFECT_TREE:
		if (n > 1 && str_eq(words[1].text, STR("clone")))
			clone(s, words, n);
		else
			tree(s, fact.paths, words[0].text);
		break;
	case EFFECT_INTERPRETER: interpreter(s, words, n, at); break;
	case EFFECT_SHELL: shell(s, words, n); break;
	case EFFECT_HOME: s->run->flags |= RUN_HOME; break;
	default:
		if (!switched)
			note(s, RUN_OPAQUE, words[0].text);
		break;
	}
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
		struct str path = path_of(s, &r->target);
		if (!path.p || path_within(path, STR("/dev")))
			continue;
		if (c->nwords > 1 && (str_eq(path, STR("/etc/passwd")) || str_eq(path, STR("/etc/group"))))
			note_account_line(s, path, &c->words[c->nwords - 1], c->start);
		write_path(s, MADE_FILE, path, c->nwords ? c->words[0].text : STR(">"));
	}
}

/* NAME=value: from there on the file's variable of that name is hidden. */
static void assign(struct step *s, const struct shell_word *word)
{
	size_t equals = str_find_char(word->text, '=', 0);
	if (equals == STR_NONE)
		return;
	struct shell_word value = *word;
	value.text = str_sub(word->text, equals + 1, word->text.n);
	struct str known = step_value(s, &value);
	scope_put(&s->vars, str_sub(word->text, 0, equals),
		  (struct variable){.value = known.p ? known : STR(""), .known = known.p != NULL, .from_env = true});
}

static void assignments(struct step *s, const struct shell_command *c)
{
	bool exported = c->nwords > 1 && (str_eq(c->words[0].text, STR("export")) || str_eq(c->words[0].text, STR("local")));
	for (uint32_t i = 0; c->nwords == 0 && i < c->nassignments; i++)
		assign(s, &c->assignments[i]);
	for (uint32_t i = 1; exported && i < c->nwords; i++)
		assign(s, &c->words[i]);
}

/* set -e, set -eux, set -o errexit */
static bool sets_errexit(const struct shell_command *c)
{
	if (c->nwords < 2 || !str_eq(c->words[0].text, STR("set")))
		return false;
	return has_letter(c->words, c->nwords, 'e') || str_eq(c->words[c->nwords - 1].text, STR("errexit"));
}

void step_script(struct step *s, struct str text)
{
	struct shell_script script = {0};
	struct str outside = s->cwd;
	bool was_inside = false;
	const struct shell_command *command = s->command;
	shell_parse(s->f->scratch, text, &script);
	for (size_t i = 0; i < script.n; i++) {
		const struct shell_command *c = &script.at[i];
		/* A subshell's cd ends with it. */
		bool inside = (c->where & (SHELL_SUBSHELL | SHELL_SUBSTITUTION)) != 0;
		if (was_inside && !inside)
			s->cwd = outside;
		if (!was_inside && inside)
			outside = s->cwd;
		was_inside = inside;
		s->command = c;
		s->last_list = script.at[script.n - 1].list;
		s->errexit |= sets_errexit(c);
		assignments(s, c);
		redirects(s, c);
		if (c->nwords)
			step_command(s, c->words, c->nwords, c->start);
	}
	s->command = command;
	if (was_inside)
		s->cwd = outside;
	if (script.unknown)
		note(s, RUN_UNREADABLE, STR("the shell text"));
	bool background = script.n && (script.at[script.n - 1].where & SHELL_BACKGROUND);
	s->end = script.unknown || script.n == 0 || background ? STR_NONE : script.end;
}

/* Exec form: the words are the command; sh -c is looked into. */
static void read_exec(struct step *s, const struct args *args)
{
	struct shell_word *words = ARENA_ARRAY(s->f->scratch, struct shell_word, args->nwords);
	for (uint32_t i = 0; i < args->nwords; i++)
		words[i] = (struct shell_word){.text = args->words[i].text, .literal = true, .quoted = true};
	s->run->flags |= RUN_EXEC;
	step_command(s, words, args->nwords, 0);
}

void facts_read_run(struct facts *f, const struct args *args, uint32_t ins)
{
	struct step s = {.f = f, .index = (uint32_t)f->runs.n, .cwd = facts_workdir(f)->path, .ins = ins, .vars = scope_child(f->scratch, f->env)};
	s.run = VEC_PUSH(f->arena, f->runs);
	*s.run = (struct run){.ins = ins, .user = (uint32_t)f->users.n - 1, .workdir = (uint32_t)f->workdirs.n - 1};
	if (args->form == ARGS_EXEC) {
		read_exec(&s, args);
	} else if (args->nheredocs > 0) {
		s.run->flags |= RUN_SCRIPT;
		/* "RUN <<EOF": the body is the script. Anything else reads it as its input. */
		if (args->nheredocs == 1 && args->nwords > 0 && str_starts(args->words[0].text, STR("<<")))
			step_script(&s, source_text(&f->doc->source, args->heredocs[0].body));
		else
			note(&s, RUN_OPAQUE, STR("a here-document"));
	} else if (args->nwords > 0) {
		step_script(&s, args->words[0].text);
		if (s.end != STR_NONE) {
			s.run->flags |= RUN_APPENDABLE;
			s.run->end = view_end(&args->view, args->words[0].at + s.end);
		}
	}
	if (s.run->flags & (RUN_NEEDS_ROOT | RUN_OPAQUE | RUN_UNREADABLE))
		f->last_root_step = ins;
}
