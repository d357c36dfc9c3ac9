/* Programs that the start command names, and whether they get on without root. */
#include "base/buf.h"
#include "base/path.h"
#include "model/step.h"

enum { MAX_SCRIPTS = 64 /* that are read, one as often as it is started */, MAX_IN_SCRIPTS = 64 };

void start_judge(struct step *s, enum verdict verdict, struct str why)
{
	/* Needing root outweighs not knowing, which outweighs running. */
	static const int weight[] = {[VERDICT_RUNS] = 0,
				     [VERDICT_PROMPT] = 1,
				     [VERDICT_UNKNOWN] = 2,
				     [VERDICT_ROOT] = 3,
				     [VERDICT_PLATFORM] = 4};
	if (weight[verdict] > weight[s->start->verdict]) {
		s->start->verdict = verdict;
		s->start->why = why;
	}
}

void start_judge_root(struct step *s, struct str why, struct str instead)
{
	bool first = s->start->verdict != VERDICT_ROOT;
	start_judge(s, VERDICT_ROOT, why);
	if (first && s->start->verdict == VERDICT_ROOT)
		s->start->instead = instead;
}

/* The same for a program of the table. */
static void judge_program(struct step *s, struct str why, const struct program *program)
{
	bool sentences = program->instead.n && program->instead.p[0] >= 'A' && program->instead.p[0] <= 'Z';
	start_judge_root(s, why,
			 sentences ? program->instead
				   : arena_printf(s->f->arena, "A USER would break it. What helps: %.*s",
						  STR_ARG(program->instead)));
}

static bool looks_like_script(struct str name)
{
	static const char *const hints[] = {"entrypoint", "start", "run", "init", "boot", "launch", "setup", "docker"};
	if (command_is_shell_script(name))
		return true;
	if (str_find_char(name, '.', 0) != STR_NONE)
		return false;
	for (size_t i = 0; i < sizeof hints / sizeof *hints; i++)
		if (str_find(name, str_of(hints[i]), 0) != STR_NONE)
			return true;
	return false;
}

static void read_script_file(struct step *s, struct str word, struct str bytes)
{
	struct shell_word first = {.text = STR("")};
	struct str interpreter = script_shebang(bytes, &first, 1) ? command_name(first.text) : STR("");
	struct program program = tables_program(s->f->tables, interpreter);
	if (!script_is_text(bytes))
		return; /* a binary of the context: the app itself */
	if (str_eq(interpreter, STR("with-contenv"))) {
		judge_program(s,
			      arena_printf(s->f->arena, "%.*s is a service of s6, which starts as root", STR_ARG(word)),
			      &program);
		return;
	}
	if (interpreter.n && program.kind != PROGRAM_SHELL) {
		if (program.kind != PROGRAM_APP && program.kind != PROGRAM_INTERPRETER)
			start_judge(s, VERDICT_UNKNOWN,
				    arena_printf(s->f->arena, "%.*s is run by %.*s, which is not known", STR_ARG(word),
						 STR_ARG(interpreter)));
		return;
	}
	if (s->nesting >= 4)
		return;
	s->nesting++;
	step_script(s, bytes);
	s->nesting--;
}

/* "wait-for-it db:3306 -- flask run": what follows the dashes, or n. */
static uint32_t behind_dashes(const struct shell_word *words, uint32_t n)
{
	uint32_t i = 1;
	while (i < n && !str_eq(words[i].text, STR("--")))
		i++;
	return i < n ? i + 1 : n;
}

/* exec "$@": the script's arguments, and the CMD, which is judged by itself too. */
static void start_arguments(struct step *s)
{
	uint32_t n = s->narguments;
	s->narguments = 0;
	for (uint32_t i = s->njudged; i < n; i++)
		if (s->arguments[i].n && !str_starts(s->arguments[i].at[0].text, STR("-")))
			step_command(s, s->arguments[i].at, s->arguments[i].n, 0);
	s->narguments = s->njudged = n;
}

static void add_arguments(struct step *s, const struct shell_word *words, uint32_t n)
{
	if (n && s->narguments < STEP_ARGUMENT_LISTS)
		s->arguments[s->narguments++] = (struct argument_list){words, n};
}

/* set -- gunicorn "$@", and shift: what "$@" may be from there on. */
static void change_arguments(struct step *s, const struct shell_word *words, uint32_t n)
{
	const struct argument_list *last = s->narguments ? &s->arguments[s->narguments - 1] : NULL;
	uint32_t by = 1;
	if (str_eq(words[0].text, STR("set"))) {
		uint32_t first = behind_dashes(words, n);
		add_arguments(s, words + first, n - first);
	} else if (str_eq(words[0].text, STR("shift")) && last && (n == 1 || str_to_u32(words[1].text, &by)) &&
		   by < last->n) {
		add_arguments(s, last->at + by, last->n - by);
	}
}

/* Built or unpacked by a step: the app itself, unless it looks like a script that nobody has read. */
static bool made_here(const struct step *s, struct str path)
{
	const struct facts *f = s->f;
	for (size_t i = 0; i < f->made.n; i++) {
		const struct made *made = &f->made.at[i];
		if (made->run != RUN_START && made->kind != MADE_DIRECTORY && made->kind <= MADE_QUIET &&
		    path_within(path, made->path))
			return !looks_like_script(path_last(path));
	}
	return false;
}

/* A stage that makes something, or whose base is known; an image that is known. */
static bool is_known_source(const struct facts *f, const struct copy *copy)
{
	uint32_t stage = stages_find(f->stages, copy->flags->from, f->target, true);
	if (stage == STAGE_NONE)
		return image_find(f->tables->images, copy->flags->from) != NULL;
	const struct stage *s = &f->stages->at[stage];
	for (uint32_t ins = s->from + 1; ins < s->end; ins++) {
		enum keyword keyword = (enum keyword)f->doc->instructions.at[ins].keyword;
		if (keyword == KW_RUN || keyword == KW_COPY || keyword == KW_ADD)
			return true;
	}
	return s->parent != STAGE_NONE || (s->base.n && image_find(f->tables->images, s->base));
}

/* The sources were copied, and a step after that builds where the program lies: it is no file of the context. */
static bool built_over(const struct facts *f, const struct copy *copy, struct str path, struct str source)
{
	if (looks_like_script(path_last(path)) || workspace_stat(f->workspace, source, NULL) != PROVIDED_NO)
		return false;
	for (size_t i = f->runs.n; i > 0 && f->runs.at[i - 1].ins > copy->ins; i--) {
		const struct run *run = &f->runs.at[i - 1];
		const struct workdir *workdir = &f->workdirs.at[run->workdir];
		if ((run->flags & RUN_TREE) && workdir->known && workdir->path.n > 1 &&
		    path_within(path, workdir->path))
			return true;
	}
	return false;
}

/* Whether the line of Cargo.toml is name = "shop". */
static bool names_program(struct str line, struct str name)
{
	size_t equals = str_find_char(line, '=', 0);
	struct str value = equals == STR_NONE ? STR("") : str_trim(str_sub(line, equals + 1, line.n));
	return value.n > name.n + 1 && str_eq(str_trim(str_sub(line, 0, equals)), STR("name")) && value.p[0] == '"' &&
	       value.p[name.n + 1] == '"' && str_eq(str_sub(value, 1, name.n + 1), name);
}

/* Whether it may be one of the programs that a step installs: where their Cargo.toml can be seen, that names them, or they have a
   file of their own in src/bin. */
static bool may_be_installed(const struct facts *f, struct str name)
{
	uint32_t file;
	struct str text, line;
	if (!f->installs_itself || looks_like_script(name))
		return false;
	if (f->manifest.n == 0 || !facts_context_file(f, f->manifest, &file))
		return true;
	for (text = f->workspace->at[file].current; str_split(&text, '\n', &line);)
		if (names_program(line, name))
			return true;
	struct str bin = path_join(f->arena, path_parent(f->workspace->at[file].path), STR("src/bin"));
	return workspace_stat(f->workspace, path_join(f->arena, bin, name), NULL) == PROVIDED_DIRECTORY ||
	       workspace_stat(f->workspace, arena_printf(f->arena, "%.*s/%.*s.rs", STR_ARG(bin), STR_ARG(name)), NULL) == PROVIDED_FILE;
}

void start_resolve(struct step *s, struct str word)
{
	const struct facts *f = s->f;
	bool has_dir = str_find_char(word, '/', 0) != STR_NONE;
	static const char *const search[] = {"/usr/local/bin",	"/usr/bin",  "/bin",
					     "/usr/local/sbin", "/usr/sbin", "/sbin"};
	size_t tries = has_dir ? 1 : sizeof search / sizeof *search;
	if (has_dir && word.p[0] != '/' && s->cwd.n == 0) {
		start_judge(s, VERDICT_UNKNOWN, arena_printf(f->arena, "where %.*s lies is not known", STR_ARG(word)));
		return;
	}
	for (size_t i = 0; i < tries; i++) {
		const struct copy *copy;
		uint32_t file;
		struct str path = path_join(f->arena, has_dir ? s->cwd : str_of(search[i]), word);
		struct str source = facts_context_path(f, path, &copy);
		if (!copy && map_get(&f->built, path))
			return; /* by a compiler: the app itself, whatever its name */
		if (copy && copy->heredoc) {
			struct args args;
			instruction_args(f->scratch, f->doc, copy->ins, &args);
			if (args.nheredocs == 1)
				read_script_file(s, word, source_text(&f->doc->source, args.heredocs[0].body));
			else
				start_judge(
					s, VERDICT_UNKNOWN,
					arena_printf(f->arena, "%.*s is one of several here-documents", STR_ARG(word)));
			return;
		}
		if (source.n && workspace_read(f->workspace, source, &file) == PROVIDED_FILE) {
			if (s->start->scripts.n == MAX_SCRIPTS) {
				start_judge(s, VERDICT_UNKNOWN, STR("it starts more scripts than are read"));
				return;
			}
			*VEC_PUSH(f->arena, s->start->scripts) = source;
			read_script_file(s, word, f->workspace->at[file].current);
			return;
		}
		if (!copy)
			continue;
		if (source.n && built_over(f, copy, path, source))
			return;
		if (!copy->from_stage || looks_like_script(path_last(path)) || !is_known_source(f, copy))
			start_judge(s, VERDICT_UNKNOWN,
				    arena_printf(f->arena, "%.*s could not be read", STR_ARG(word)));
		return; /* copied from another stage: the app itself */
	}
	if (has_dir && made_here(s, facts_follow(f, path_join(f->scratch, s->cwd, word), true)))
		return;
	if (!has_dir && may_be_installed(f, word))
		return;
	start_judge(s, VERDICT_UNKNOWN, arena_printf(f->arena, "whether %.*s needs root is not known", STR_ARG(word)));
}

/* The same with the words behind it, which are the script's arguments. */
static void resolve_with(struct step *s, struct str word, const struct shell_word *arguments, uint32_t n)
{
	struct argument_list outer[STEP_ARGUMENT_LISTS];
	uint32_t outer_n = s->narguments, judged = s->njudged;
	memcpy(outer, s->arguments, sizeof outer);
	s->narguments = s->njudged = 0;
	add_arguments(s, arguments, n);
	start_resolve(s, word);
	memcpy(s->arguments, outer, sizeof outer);
	s->narguments = outer_n;
	s->njudged = judged;
}

/* "$JAVA_HOME/bin/java" -> "java"; empty when the name itself is not known. */
static struct str program_word(const struct step *s, const struct shell_word *word)
{
	struct str value = step_value(s, word);
	if (value.p)
		return value;
	struct str last = path_last(word->text);
	bool plain = last.n && last.n < word->text.n && str_find_char(last, '$', 0) == STR_NONE &&
		     str_find_char(last, '`', 0) == STR_NONE && str_find_char(last, ')', 0) == STR_NONE;
	return plain ? last : (struct str){"", 0};
}

static bool is_all_arguments(struct str text)
{
	return str_eq(text, STR("$@")) || str_eq(text, STR("$*")) || str_eq(text, STR("${@}"));
}

/* Skips the options of a wrapper, with their values. */
static uint32_t behind_options(struct str with_value, const struct shell_word *words, uint32_t n)
{
	uint32_t i = 1;
	while (i < n && words[i].text.n > 1 && words[i].text.p[0] == '-') {
		struct str list = with_value, item;
		bool takes_value = false;
		while (str_split(&list, ',', &item))
			takes_value |= str_eq(item, words[i].text);
		i += takes_value ? 2 : 1;
	}
	while (i < n && str_find_char(words[i].text, '=', 0) != STR_NONE && words[i].text.p[0] != '/')
		i++; /* env NAME=value */
	return i < n ? i : n;
}

/* "gunicorn --user www-data": it has to be root to become somebody else. */
static bool changes_user(struct str options, const struct shell_word *words, uint32_t n)
{
	for (uint32_t i = 1; i < n; i++) {
		size_t equals = str_find_char(words[i].text, '=', 0);
		struct str word = equals == STR_NONE ? words[i].text : str_sub(words[i].text, 0, equals);
		struct str list = options, item;
		while (options.n && str_split(&list, ',', &item))
			if (str_eq(item, word))
				return true;
	}
	return false;
}

static bool has_operand(const struct shell_word *words, uint32_t n)
{
	for (uint32_t i = 1; i < n; i++)
		if (words[i].text.n && (words[i].text.p[0] != '-' || str_eq(words[i].text, STR("-c")) ||
					str_eq(words[i].text, STR("-m")) || str_eq(words[i].text, STR("-e"))))
			return true;
	return false;
}

/* sh script, sh -c text is for the caller. */
static void start_shell(struct step *s, const struct shell_word *words, uint32_t n)
{
	struct arena *a = s->f->arena;
	for (uint32_t i = 1; i < n; i++) {
		if (words[i].text.n == 0 || words[i].text.p[0] == '-' || words[i].text.p[0] == '+')
			continue;
		struct str script = step_value(s, &words[i]);
		bool bare = script.p && str_find_char(script, '/', 0) == STR_NONE;
		if (!script.p)
			start_judge(s, VERDICT_UNKNOWN, STR("the script that the shell starts is not known"));
		else
			resolve_with(s, bare ? arena_printf(a, "./%.*s", STR_ARG(script)) : script, words + i + 1,
				     n - i - 1);
		return;
	}
	start_judge(s, VERDICT_PROMPT, arena_printf(a, "it starts a shell (%.*s)", STR_ARG(words[0].text)));
}

/* "python -m gunicorn …": where the module stands, or n. */
static uint32_t module_of(const struct shell_word *words, uint32_t n)
{
	uint32_t i = 1;
	while (i < n && words[i].text.n > 1 && words[i].text.p[0] == '-' && !str_eq(words[i].text, STR("-m")))
		i += str_in_list(STR("-W,-X"), words[i].text) ? 2 : 1;
	return i + 1 < n && str_eq(words[i].text, STR("-m")) ? i + 1 : n;
}

/* The words of a script's command are read like those of the start command. */
static void note_words(struct step *s, const struct shell_word *words, uint32_t n)
{
	for (uint32_t i = 0; i < n && s->start->scripts.n && s->start->in_scripts.n < MAX_IN_SCRIPTS; i++) {
		struct str value = step_value(s, &words[i]);
		*VEC_PUSH(s->f->arena, s->start->in_scripts) = value.p ? arena_str(s->f->arena, value) : STR("");
	}
}

/* What the table of programs says; false when it does not know the program. */
static bool start_known(struct step *s, const struct program *program, struct str word, const struct shell_word *words,
			uint32_t n)
{
	struct arena *a = s->f->arena;
	switch (program->kind) {
	case PROGRAM_UNKNOWN:
	case PROGRAM_SHELL:
		return false;
	case PROGRAM_IDLE:
		s->start->idle = true;
		return true;
	case PROGRAM_WRAPPER: {
		bool dashes = str_eq(program->options, STR("--"));
		uint32_t i = dashes ? behind_dashes(words, n) : behind_options(program->options, words, n);
		if (i < n)
			step_command(s, words + i, n - i, 0);
		return true;
	}
	default:
		break;
	}
	note_words(s, words, n);
	if (s->start->program.n == 0)
		s->start->program = arena_str(a, command_name(word));
	if ((program->kind == PROGRAM_APP || program->kind == PROGRAM_DATA) &&
	    changes_user(program->options, words, n)) {
		start_judge_root(
			s, arena_printf(a, "%.*s is told to change its user, which only root can do", STR_ARG(word)),
			STR("Without that option, and with USER, it is that user from the beginning"));
		return true;
	}
	switch (program->kind) {
	case PROGRAM_PLATFORM:
		start_judge(s, VERDICT_PLATFORM, program->why);
		break;
	case PROGRAM_TOOLS:
		s->start->tools = true;
		break;
	case PROGRAM_FILES:
		s->start->files = true;
		break;
	case PROGRAM_SERVER:
		s->start->recipe = program->recipe;
		break;
	case PROGRAM_APP:
		break;
	case PROGRAM_INTERPRETER: {
		uint32_t i = module_of(words, n);
		struct program module = tables_program(s->f->tables, i < n ? words[i].text : STR(""));
		if (module.kind != PROGRAM_UNKNOWN && module.kind != PROGRAM_INTERPRETER)
			return start_known(s, &module, words[i].text, words + i, n - i);
		if (!has_operand(words, n))
			start_judge(s, VERDICT_PROMPT, arena_printf(a, "it starts a prompt (%.*s)", STR_ARG(word)));
		break;
	}
	case PROGRAM_DATA:
		s->start->data = true;
		if (s->f->image && s->f->image->writes.n)
			break; /* where is known of this image */
		start_judge(s, VERDICT_UNKNOWN, arena_printf(a, "%.*s: %.*s", STR_ARG(word), STR_ARG(program->why)));
		break;
	default:
		judge_program(s, arena_printf(a, "%.*s: %.*s", STR_ARG(word), STR_ARG(program->why)), program);
		break;
	}
	return true;
}

/* It runs as anybody, where it may write what it is told to: sed -i, tee, curl -o. */
static bool writes_files(enum effect effect)
{
	return effect == EFFECT_EDIT || effect == EFFECT_FETCH;
}

bool start_program(struct step *s, const struct shell_word *words, uint32_t n)
{
	struct arena *a = s->f->arena;
	if (is_all_arguments(words[0].text)) {
		start_arguments(s);
		return true;
	}
	change_arguments(s, words, n);
	struct str word = program_word(s, &words[0]);
	if (word.n == 0) {
		start_judge(s, VERDICT_UNKNOWN,
			    arena_printf(a, "what %.*s starts is not known", STR_ARG(words[0].text)));
		return true;
	}
	struct program program =
		tables_program_with(s->f->tables, word, command_operand(s->f->tables->commands, words, n));
	if (program.kind == PROGRAM_UNKNOWN &&
	    str_find_char(word, '/', 0) != STR_NONE) /* it may be a link to one that is known */
		program =
			tables_program(s->f->tables, facts_follow(s->f, path_join(s->f->scratch, s->cwd, word), true));
	struct command_fact fact = command_lookup(s->f->tables->commands, words, n);
	if (start_known(s, &program, word, words, n))
		return !writes_files(fact.effect);
	if (program.kind == PROGRAM_SHELL) {
		if (command_shell_text(words, n))
			return false;
		start_shell(s, words, n);
		return true;
	}
	switch (fact.effect) {
	case EFFECT_WRAPPER:
		return false;
	case EFFECT_ROOT:
	case EFFECT_SERVICE:
	case EFFECT_ACCOUNT:
	case EFFECT_SWITCH:
		start_judge_root(s, arena_printf(a, "%.*s is run at start, which only root can do", STR_ARG(word)),
				 STR("A RUN step can do it once, when the image is built"));
		return true;
	case EFFECT_OWNER:
		start_judge_root(
			s, arena_printf(a, "owners are changed at start (%.*s), which only root can do", STR_ARG(word)),
			STR("COPY --chown or a RUN step can hand the files over for good; for volumes that exist "
			    "already once, by hand. Kept as "
			    "it is, --cap-drop=ALL --cap-add=CHOWN --cap-add=SETUID --cap-add=SETGID leaves it "
			    "little"));
		return true;
	case EFFECT_MODE:
		start_judge(s, VERDICT_UNKNOWN,
			    arena_printf(a, "modes are changed at start (%.*s), which only the owner can do",
					 STR_ARG(word)));
		return true;
	case EFFECT_UNKNOWN:
		if (map_get(&s->functions, words[0].text))
			return true; /* a function of the script: what is in it is read where it stands */
		resolve_with(s, word, words + 1, n - 1);
		if (s->start->program.n == 0)
			s->start->program = arena_str(a, command_name(word));
		return true;
	default:
		return false;
	}
}
