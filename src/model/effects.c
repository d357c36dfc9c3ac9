/* What a command does. */
#include "model/effects.h"

#include "base/path.h"

/* The virtual environment that a tool of Python's works in: its own, or the one that was entered. Empty: none. */
static struct str environment_of(struct step *s, const struct command *c)
{
	struct str value = step_value(s, &c->words[0]);
	size_t slash = value.p ? str_find_last_char(value, '/') : STR_NONE;
	if (slash != STR_NONE && slash > 4 && str_ends(str_sub(value, 0, slash), STR("/bin"))) {
		struct str dir = path_join(s->f->scratch, s->cwd, str_sub(value, 0, slash - 4));
		if (dir.p[0] == '/' && !place_is_system(tables_place(s->f->tables, dir)))
			return dir;
	}
	bool python = str_starts(c->name, STR("pip")) || str_in_list(STR("poetry,uv,easy_install"), c->name);
	return python ? s->venv : STR("");
}

static void root_command(struct step *s, const struct command *c)
{
	struct str environment = environment_of(s, c);
	if (environment.n) {
		step_write(s, MADE_QUIET, environment, c->name);
		return;
	}
	step_wants_root(s, c->name);
	step_package_manager(s, c->words, c->n);
	step_note_packages(s, c->words, c->n);
}

static void account(struct step *s, const struct command *c)
{
	struct facts *f = s->f;
	bool busybox = f->family == FAMILY_ALPINE || f->family == FAMILY_BUSYBOX || f->family == FAMILY_WOLFI;
	struct account_command command;
	step_needs_root(s, c->name);
	step_proves_root(s);
	if (!account_command_read(f->arena, &s->vars, c->words, c->n, busybox, &command))
		return;
	accounts_command(&f->accounts, f->arena, &command, path_last(c->words[0].text), s->ins, c->at);
	if (!s->start)
		step_note_account(s, &command, c->words, c->n, s->how != 0);
}

/* The text of sh -c. Where the shell around it replaces variables in it, what it says is sure only when their values
   are known. */
static void shell_text(struct step *s, const struct shell_word *text, struct str name)
{
	struct expansion e = {.known = true};
	if (text->expands)
		expand_word(s->f->scratch, &s->vars, '\\', text->text, true, &e);
	if (!e.known)
		step_opaque(s, name);
	step_nested(s, text->text);
}

/* The operand that names the script; NULL when it comes from the standard input. */
static const struct shell_word *script_operand(const struct command *c)
{
	if (c->o.n == 0 || str_eq(operand(c, 0)->text, STR("-")) || has_word(c, STR("-s")))
		return NULL;
	return operand(c, 0);
}

static void shell(struct step *s, const struct command *c)
{
	const struct shell_word *text = command_any_shell_text(c->words, c->n);
	const struct shell_word *script = text ? NULL : script_operand(c);
	if (text)
		shell_text(s, text, c->name);
	else if (!script && s->input.p)
		step_nested(s, s->input);
	else if (!has_word(c, STR("--version")) && !(script && step_run_script(s, script)))
		step_opaque(s, script ? script->text : c->name);
}

/* python -m pip … is pip; python -m venv DIR makes DIR; other scripts write below where they run. */
static void interpreter(struct step *s, const struct command *c)
{
	uint32_t i = 1;
	while (i < c->n && c->words[i].text.n > 1 && c->words[i].text.p[0] == '-' &&
	       !str_ends(c->words[i].text, STR("m")) && !str_ends(c->words[i].text, STR("c")))
		i += str_in_list(STR("-W,-X"), c->words[i].text) ? 2 : 1;
	struct str option = i < c->n ? c->words[i].text : STR("");
	bool module = option.n > 1 && option.p[0] == '-' && option.p[option.n - 1] == 'm' && i + 1 < c->n;
	if (module) {
		const struct shell_word *words = c->words + i + 1;
		struct command_fact fact = command_lookup(s->f->tables->commands, words, c->n - i - 1);
		if (str_in_list(STR("venv,virtualenv"), words[0].text)) {
			if (c->words[c->n - 1].text.p && !str_starts(c->words[c->n - 1].text, STR("-")))
				step_write_word(s, MADE_QUIET, &c->words[c->n - 1], c->name);
			return;
		}
		if (fact.effect != EFFECT_UNKNOWN) {
			/* It belongs to the environment that the interpreter belongs to. */
			struct str outer = s->venv, own = environment_of(s, c);
			s->venv = own.n ? own : outer;
			step_command(s, words, c->n - i - 1, c->at);
			s->venv = outer;
			return;
		}
	}
	if (has_word(c, STR("--version")) || has_word(c, STR("-V")))
		return;
	if (c->o.n > 1 && str_eq(path_last(operand(c, 0)->text), STR("setup.py")) &&
	    (has_word(c, STR("install")) || has_word(c, STR("develop"))) && environment_of(s, c).n == 0 &&
	    s->venv.n == 0)
		step_wants_root(s, c->name);
	if (!s->input.p && (s->where & SHELL_PIPE_IN) && (c->n == 1 || str_eq(c->words[c->n - 1].text, STR("-"))))
		step_opaque(s, c->name); /* curl … | python3 - */
	effect_tree(s, c, STR("."));
}

/* find … -exec command … \; */
static void find(struct step *s, const struct command *c)
{
	uint32_t outer = s->how, start = 1;
	bool changes = false;
	while (start < c->n && c->words[start].text.n && !strchr("-(!", c->words[start].text.p[0]))
		start++;
	for (uint32_t i = start; i < c->n; i++) {
		struct str word = c->words[i].text;
		changes |= str_eq(word, STR("-delete"));
		if (!str_in_list(STR("-exec,-execdir,-ok,-okdir"), word))
			continue;
		uint32_t end = ++i;
		while (end < c->n && !str_eq(c->words[end].text, STR(";")) && !str_eq(c->words[end].text, STR("+")))
			end++;
		if (end == i)
			break;
		enum effect effect = command_lookup(s->f->tables->commands, c->words + i, end - i).effect;
		changes |= effect == EFFECT_REMOVE || effect == EFFECT_MODE || effect == EFFECT_EDIT;
		s->how |= UNWRAP_LOOSE;
		step_command(s, c->words + i, end - i, c->at);
		s->how = outer;
		i = end;
	}
	for (uint32_t i = 1; changes && i < start; i++) {
		struct str path = step_path(s, &c->words[i]);
		if (path.p)
			step_check_below(s, path, c->name);
	}
}

/* . venv/bin/activate */
static void enter_environment(struct step *s, const struct command *c)
{
	struct str path = c->o.n ? step_path(s, operand(c, 0)) : (struct str){NULL, 0};
	if (path.p && str_ends(path, STR("/bin/activate")))
		s->venv = str_sub(path, 0, path.n - strlen("/bin/activate"));
}

/* . setup.sh */
static void source(struct step *s, const struct command *c)
{
	if (c->o.n == 0 || !step_source_script(s, operand(c, 0)))
		step_opaque(s, c->o.n ? operand(c, 0)->text : c->name);
}

/* A cd that may not happen leaves nobody sure of where the next command runs: see step_script(). */
static void change_directory(struct step *s, const struct command *c)
{
	struct str unknown = {"", 0};
	if (!str_eq(c->name, STR("cd")) || c->o.n > 1)
		s->cwd = unknown;
	else if (c->o.n == 0)
		s->cwd = has_word(c, STR("-")) ? unknown : s->home;
	else if (str_eq(operand(c, 0)->text, STR("-")))
		s->cwd = unknown;
	else
		s->cwd = step_path(s, operand(c, 0));
	if (!s->cwd.p)
		s->cwd = unknown;
	if (s->start && s->cwd.n > 1)
		*VEC_PUSH(s->f->arena, s->start->directories) = arena_str(s->f->arena, s->cwd);
}

/* cargo install --path crates/shop */
static void note_installed(struct step *s, const struct command *c)
{
	struct facts *f = s->f;
	bool first = !f->installs_itself;
	f->installs_itself = true;
	f->manifest = STR("");
	for (uint32_t i = 1; i + 1 < c->n && first && str_eq(c->name, STR("cargo")); i++) {
		struct str path = str_eq(c->words[i].text, STR("--path")) ? step_path(s, &c->words[i + 1]) : STR("");
		if (path.n)
			f->manifest = path_join(f->arena, path, STR("Cargo.toml"));
	}
}

void step_effect(struct step *s, const struct command_fact *fact, const struct shell_word *words, uint32_t n,
		 uint32_t at)
{
	struct command c = {words, n, at, command_name(words[0].text), {0}};
	operands_read(s->f->scratch, command_options(s->f->tables->commands, words), words, n, &c.o);
	struct str outside = s->cwd;
	if (role(&c, ROLE_CHDIR)) {
		struct str dir = step_path(s, role(&c, ROLE_CHDIR));
		s->cwd = dir.p ? dir : STR("");
	}
	if (str_eq(fact->minds, STR("owner")))
		s->run->flags |= RUN_MINDS_OWNER;
	if (str_eq(fact->minds, STR("npm")))
		s->run->flags |= RUN_NPM;
	step_uses_homes(s, c.name);
	if (fact->home.n || fact->effect == EFFECT_HOME)
		step_home(s, fact, words, n);
	switch (fact->effect) {
	case EFFECT_PLAIN:
		if (str_eq(c.name, STR("find")))
			find(s, &c);
		else if (str_in_list(STR(".,source"), c.name))
			enter_environment(s, &c);
		break;
	case EFFECT_SOURCE: source(s, &c); return;
	case EFFECT_SERVICE: step_needs_root(s, c.name); break;
	case EFFECT_ROOT:
		if (!s->start && str_eq(fact->paths, STR("itself")))
			note_installed(s, &c);
		if (str_eq(fact->paths, STR("rights")))
			effect_set_rights(s, &c);
		root_command(s, &c);
		break;
	case EFFECT_ACCOUNT: account(s, &c); break;
	case EFFECT_CREATE: effect_create(s, &c); break;
	case EFFECT_COPY: effect_copy_files(s, &c); break;
	case EFFECT_UNPACK: effect_unpack(s, &c); break;
	case EFFECT_FETCH: effect_fetch(s, &c); break;
	case EFFECT_EDIT: effect_edit_files(s, &c); break;
	case EFFECT_OWNER: effect_change_files(s, &c, MADE_OWNER); break;
	case EFFECT_MODE: effect_change_files(s, &c, MADE_MODE); break;
	case EFFECT_REMOVE: effect_remove_files(s, &c); break;
	case EFFECT_CD: change_directory(s, &c); return;
	case EFFECT_BUILD: effect_build(s, &c); break;
	case EFFECT_TREE:
		if (c.o.n && str_eq(operand(&c, 0)->text, STR("clone")))
			effect_clone(s, &c);
		else
			effect_tree(s, &c, fact->paths);
		if (str_eq(fact->paths, STR("node_modules")))
			step_package_homes(s, words, n);
		break;
	case EFFECT_INTERPRETER: interpreter(s, &c); break;
	case EFFECT_SHELL: shell(s, &c); break;
	default: break;
	}
	s->cwd = outside;
}
