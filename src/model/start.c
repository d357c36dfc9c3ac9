/* What the container starts, and whether it gets on without root. */
#include "base/buf.h"
#include "base/path.h"
#include "model/step.h"

static void add_word(struct facts *f, const struct args *args, const struct word *word, uint32_t ins)
{
	bool exec = args->form == ARGS_EXEC;
	struct span span = word->span;
	if (exec && span.end - span.start >= 2) {
		span.start++;
		span.end--;
	}
	*VEC_PUSH(f->arena, f->start.words) =
		(struct start_word){.text = arena_str(f->arena, word->text),
				    .span = span,
				    .plain = str_eq(source_text(&f->doc->source, span), word->text),
				    .exec = exec,
				    .ins = ins};
}

/* The words of `sh -c "…"` in exec form, where the JSON string holds the text as it is. */
static void add_inner_words(struct facts *f, const struct start_word *outer)
{
	struct shell_script script = {0};
	struct str text = outer->text;
	uint32_t base = outer->span.start, ins = outer->ins;
	bool plain = outer->plain;
	shell_parse(f->scratch, text, &script);
	for (size_t i = 0; i < script.n; i++)
		for (uint32_t w = 0; w < script.at[i].nwords; w++) {
			const struct shell_word *word = &script.at[i].words[w];
			struct span span = {base + word->start, base + word->end};
			bool as_written = plain && str_eq(str_sub(text, word->start, word->end), word->text);
			*VEC_PUSH(f->arena, f->start.words) = (struct start_word){
				.text = arena_str(f->arena, word->text), .span = span, .plain = as_written, .ins = ins};
		}
}

/* The words of shell form, with their places. */
static void add_shell_words(struct facts *f, const struct args *args, uint32_t ins)
{
	struct shell_script script = {0};
	shell_parse(f->scratch, args->words[0].text, &script);
	for (size_t i = 0; i < script.n; i++)
		for (uint32_t w = 0; w < script.at[i].nwords; w++) {
			const struct shell_word *word = &script.at[i].words[w];
			struct span span = view_span(&args->view, args->words[0].at + word->start, args->words[0].at + word->end);
			*VEC_PUSH(f->arena, f->start.words) =
				(struct start_word){.text = arena_str(f->arena, word->text),
						    .span = span,
						    .plain = str_eq(source_text(&f->doc->source, span), word->text),
						    .ins = ins};
		}
}

struct command_line {
	struct shell_word *words;
	uint32_t n;
	bool shell_form;
	struct str text; /* shell form */
};

/* The word behind "sh -c", whatever stands before that. */
static bool is_shell_text(const struct facts *f, const struct args *args, uint32_t i)
{
	if (i < 2 || !str_starts(args->words[i - 1].text, STR("-")) || !str_ends(args->words[i - 1].text, STR("c")))
		return false;
	for (i--; i > 0 && str_starts(args->words[i].text, STR("-"));)
		i--;
	return tables_program(f->tables, args->words[i].text).kind == PROGRAM_SHELL;
}

/* Reads CMD or ENTRYPOINT into words. */
static struct command_line line_of(struct facts *f, uint32_t ins)
{
	struct args args;
	struct command_line line = {0};
	instruction_args(f->scratch, f->doc, ins, &args);
	if (args.form == ARGS_EXEC) {
		line.n = args.nwords;
		line.words = ARENA_ARRAY(f->scratch, struct shell_word, args.nwords);
		for (uint32_t i = 0; i < args.nwords; i++) {
			line.words[i] = (struct shell_word){.text = args.words[i].text, .literal = true, .quoted = true};
			add_word(f, &args, &args.words[i], ins);
			if (is_shell_text(f, &args, i)) {
				struct start_word outer = f->start.words.at[f->start.words.n - 1];
				f->start.words.n--;
				add_inner_words(f, &outer);
			}
		}
	} else if (args.nwords) {
		line.shell_form = true;
		line.text = args.words[0].text;
		add_shell_words(f, &args, ins);
	}
	return line;
}

static void judge_line(struct step *s, const struct command_line *line)
{
	if (line->shell_form)
		step_script(s, line->text);
	else if (line->n)
		step_command(s, line->words, line->n, 0);
}

static struct command_line joined(struct facts *f, struct command_line a, struct command_line b)
{
	struct command_line line = {.n = a.n + b.n};
	line.words = ARENA_ARRAY(f->scratch, struct shell_word, line.n);
	if (a.n)
		memcpy(line.words, a.words, a.n * sizeof *a.words);
	if (b.n)
		memcpy(line.words + a.n, b.words, b.n * sizeof *b.words);
	return line;
}

/* Whether the CMD is the server that the image is named after: its entrypoint gives root up for that one only. */
static bool is_own_server(const struct facts *f, const struct command_line *cmd)
{
	struct str name = path_last(image_ref_of(f->tables->registries, f->image_name).repository);
	return cmd->n == 0 || cmd->words[0].text.p[0] == '-' || str_starts(command_name(cmd->words[0].text), name);
}

/* "gosu postgres": the tool, and the account that it goes on as. */
static void judge_drop(struct step *s)
{
	struct facts *f = s->f;
	const struct image *image = f->image;
	struct str rest = image->drops, tool, name;
	const struct account *account = NULL;
	str_word(&rest, &tool);
	for (uint32_t i = 0; str_word(&rest, &name) && !account;)
		for (i = 0; i < image->naccounts && !account; i++)
			if (image->accounts[i].ids_known && str_eq(image->accounts[i].name, name))
				account = &image->accounts[i];
	struct str how = arena_printf(f->arena, "%.*s%s%.*s", STR_ARG(image->entrypoint), image->entrypoint.n ? ", " : "", STR_ARG(image->drops));
	if (account)
		start_judge_root(s,
			   arena_printf(f->arena, "%.*s starts as root to prepare its data directory and drops to uid %u (%.*s) by itself (%.*s)",
					STR_ARG(f->image_name), account->uid, STR_ARG(account->name), STR_ARG(how)),
			   arena_printf(f->arena, "A USER would break first starts on fresh volumes. To refuse root outright, run it with --user %u:%u on a "
					"volume that %u owns", account->uid, account->gid, account->uid));
	else
		start_judge_root(s, arena_printf(f->arena, "%.*s starts as root and gives it up by itself (%.*s)", STR_ARG(f->image_name), STR_ARG(how)),
			   STR("A USER would break first starts on fresh volumes. To refuse root outright, run it with --user on a volume that this "
			       "user owns"));
}

/* The image's own ENTRYPOINT stays when the file has none. */
static void judge_image_entrypoint(struct step *s, const struct command_line *cmd)
{
	struct facts *f = s->f;
	const struct image *image = f->image;
	if (f->users.at[0].kind == USER_OTHER)
		return; /* made to be started by the image's own user */
	struct program program = tables_program(f->tables, image ? image->entrypoint : STR(""));
	if (program.kind == PROGRAM_PLATFORM) {
		start_judge(s, VERDICT_PLATFORM, program.why);
		return;
	}
	if (!image || (image->drops.n == 0 && !image->entrypoint_known)) {
		start_judge(s, VERDICT_UNKNOWN, arena_printf(f->arena, "the ENTRYPOINT of the base is not known (%.*s)", STR_ARG(f->image_why)));
		return;
	}
	if (image->drops.n == 0)
		return;
	bool master = str_eq(image->drops, STR("master"));
	if (master && f->cmd.ins != INS_NONE)
		return; /* what the CMD starts is judged by itself */
	if (cmd->shell_form || !is_own_server(f, cmd))
		start_judge(s, VERDICT_UNKNOWN, arena_printf(f->arena, "what the entrypoint of %.*s does for another program is not known", STR_ARG(f->image_name)));
	else if (!master)
		judge_drop(s);
	else if (image->recipe.n)
		s->start->recipe = image->recipe;
	else
		start_judge_root(s, arena_printf(f->arena, "%.*s starts a master as root, which hands its work to workers that are not", STR_ARG(f->image_name)),
			   STR("Whether it starts as another user depends on its configuration: try --user with that of the workers (php-fpm "
			       "ignores the pool's user and group then). What helps besides: --cap-drop=ALL with SETUID and SETGID added back"));
}

static void judge_default_start(struct step *s)
{
	struct facts *f = s->f;
	enum default_start start = f->image ? f->image->start : START_UNKNOWN;
	if (f->doubted.ins != INS_NONE)
		start_judge(s, VERDICT_UNKNOWN, STR("what the base starts is not known"));
	else if (start == START_SHELL || start == START_NONE || start == START_TOOL)
		start_judge(s, VERDICT_PROMPT, STR("it has no start command of its own, and its base starts a shell, a tool or nothing"));
	else if (start == START_UNKNOWN)
		start_judge(s, VERDICT_PROMPT, STR("it has no start command of its own, and what its base starts is not known"));
}

/* A server image keeps its data where only the image knows. */
static void judge_server(struct step *s)
{
	struct facts *f = s->f;
	if (f->image && f->image->start == START_SERVER && s->start->recipe.n == 0 && !f->image->app &&
	    f->image->writes.n == 0 && f->users.at[0].kind != USER_OTHER)
		start_judge(s, VERDICT_UNKNOWN, arena_printf(f->arena, "where the server of %.*s writes is not known", STR_ARG(f->image_name)));
}

/* What the commands that run at start do. */
static void judge_run(struct step *s)
{
	const struct run *run = s->run;
	if (run->flags & RUN_NEEDS_ROOT)
		start_judge_root(s, arena_printf(s->f->arena, "at start it writes where only root may (%.*s)", STR_ARG(s->words->root_command)),
			   STR("A RUN step can write it once; what changes at run time goes to a directory of the app's, or to --tmpfs"));
	if (run->flags & (RUN_OPAQUE | RUN_UNREADABLE))
		start_judge(s, VERDICT_UNKNOWN, arena_printf(s->f->arena, "%.*s, run at start, could not be read", STR_ARG(s->words->opaque)));
}

/* An image whose ENTRYPOINT is an interpreter: the CMD is what that runs. */
static struct command_line base_interpreter(const struct facts *f)
{
	struct command_line line = {0};
	enum program_kind kind = tables_program(f->tables, f->image ? f->image->entrypoint : STR("")).kind;
	if (kind != PROGRAM_INTERPRETER && kind != PROGRAM_APP)
		return line;
	line.words = ARENA_ARRAY(f->scratch, struct shell_word, 1);
	line.words[0] = (struct shell_word){.text = f->image->entrypoint, .literal = true, .quoted = true};
	line.n = 1;
	return line;
}

void facts_read_start(struct facts *f)
{
	struct run run = {0};
	struct run_words words = {{"", 0}, {"", 0}, {"", 0}};
	struct step s = {.f = f, .run = &run, .words = &words, .start = &f->start, .index = RUN_START, .cwd = facts_workdir(f)->path, .vars = scope_child(f->scratch, f->env)};
	struct command_line entrypoint = {0}, cmd = {0};
	bool own_entrypoint = f->entrypoint.ins != INS_NONE;
	f->start.ins = own_entrypoint ? f->entrypoint.ins : f->cmd.ins;
	s.ins = f->start.ins;
	if (f->family == FAMILY_WINDOWS) {
		start_judge(&s, VERDICT_UNKNOWN, STR("what a Windows image starts is not read"));
		return;
	}
	if (own_entrypoint)
		entrypoint = line_of(f, f->entrypoint.ins);
	/* An ENTRYPOINT takes away a CMD that an earlier stage or the image set (Docker reference). */
	if (f->cmd.ins != INS_NONE && !(own_entrypoint && f->entrypoint.stage > f->cmd.stage) && !entrypoint.shell_form)
		cmd = line_of(f, f->cmd.ins);
	if (!own_entrypoint)
		judge_image_entrypoint(&s, &cmd);
	if (!own_entrypoint && cmd.n)
		entrypoint = base_interpreter(f);
	if (entrypoint.shell_form) {
		judge_line(&s, &entrypoint);
	} else if (cmd.shell_form && entrypoint.n) {
		judge_line(&s, &entrypoint);
		judge_line(&s, &cmd);
	} else if (cmd.shell_form) {
		judge_line(&s, &cmd);
	} else if (entrypoint.n + cmd.n > 0) {
		struct command_line line = joined(f, entrypoint, cmd);
		judge_line(&s, &line);
		/* An entrypoint that ends in exec "$@" starts the CMD: that has to be known as well. */
		if (own_entrypoint && cmd.n && f->start.scripts.n && cmd.words[0].text.p[0] != '-')
			judge_line(&s, &cmd);
	} else {
		judge_default_start(&s);
	}
	judge_server(&s);
	if (f->start.idle && f->start.program.n == 0)
		start_judge(&s, VERDICT_PROMPT, STR("it only waits, to be entered"));
	judge_run(&s);
}

void facts_read_script(struct facts *f, struct str path)
{
	struct run run = {0};
	struct run_words words = {{"", 0}, {"", 0}, {"", 0}};
	struct step s = {.f = f, .run = &run, .words = &words, .start = &f->start, .index = RUN_START, .cwd = facts_workdir(f)->path, .vars = scope_child(f->scratch, f->env), .ins = f->start.ins};
	start_resolve(&s, path);
	judge_run(&s);
}
