/* chown -R after COPY: every file that changes hands is stored a second time, in a layer of its own. */
#include "base/path.h"
#include "fix/rule.h"
#include "plan/doubled.h"
#include "syntax/line.h"

enum { MAX_STEPS = 16, MAX_OPERANDS = 17 }; /* chowns of a file that are looked into */

/* A chown or chmod as it stands in a RUN step. */
struct found {
	struct step_text text;
	struct shell_script script;
	size_t at;				 /* of the command in the script */
	size_t first;				 /* of its paths in facts.made */
	VEC(const struct shell_word *) operands; /* the owner or mode, then the paths */
	struct str options;			 /* that are not about recursion: " -v" */
	bool recursive;
};

/* Options may stand anywhere; only those that change nothing for what is copied are understood. */
static bool read_option(struct rule_context *ctx, struct found *found, struct str word)
{
	struct str rest = STR("");
	if (str_eq(word, STR("--recursive")))
		return found->recursive = true;
	for (size_t i = 1; i < word.n; i++) {
		if (!strchr("RvcfhP", word.p[i]))
			return false;
		found->recursive |= word.p[i] == 'R';
		if (word.p[i] != 'R' && word.p[i] != 'P')
			rest = arena_printf(ctx->arena, "%.*s%c", STR_ARG(rest), word.p[i]);
	}
	if (rest.n)
		found->options = arena_printf(ctx->arena, "%.*s -%.*s", STR_ARG(found->options), STR_ARG(rest));
	return true;
}

static bool read_words(struct rule_context *ctx, struct found *found, const struct shell_command *c)
{
	for (uint32_t i = 1; i < c->nwords; i++) {
		struct str word = c->words[i].text;
		bool option = word.n > 1 && word.p[0] == '-';
		if (!c->words[i].literal || (option && !read_option(ctx, found, word)))
			return false;
		if (!option)
			*VEC_PUSH(ctx->arena, found->operands) = &c->words[i];
	}
	return found->recursive && found->operands.n > 1 && found->operands.n <= MAX_OPERANDS;
}

/* The step's one command of that name, in a list of commands that && joins, and its paths. */
static bool find_command(struct rule_context *ctx, uint32_t run, struct str name, enum made_kind kind,
			 struct found *found)
{
	const struct facts *f = ctx->facts;
	size_t count = 0, paths = 0;
	for (size_t i = found->first; i < f->made.n && f->made.at[i].run == run; i++)
		paths += f->made.at[i].kind == kind;
	found->text = step_text(ctx->arena, f->doc, f->runs.at[run].ins);
	if (found->text.text.n == 0 || found->text.in_heredoc || found->text.args.nflags)
		return false;
	shell_parse(ctx->arena, found->text.text, &found->script);
	for (size_t i = 0; i < found->script.n; i++) {
		const struct shell_command *c = &found->script.at[i];
		if (c->nwords && str_eq(c->words[0].text, name)) {
			found->at = i;
			count++;
		}
	}
	if (count != 1 || found->script.unknown)
		return false;
	const struct shell_command *c = &found->script.at[found->at];
	if (c->where || c->nredirects || c->nassignments || !read_words(ctx, found, c))
		return false;
	return found->operands.n - 1 == paths;
}

static struct str between(const struct found *found, uint32_t start, uint32_t end)
{
	return str_trim(str_sub(found->text.text, start, end));
}

/* The bytes that go when the command does: with the && before it, or the one behind. Empty when it is alone. */
static bool span_of_command(const struct found *found, struct span *span)
{
	const struct shell_command *c = &found->script.at[found->at];
	uint32_t end = (uint32_t)found->text.text.n;
	*span = (struct span){0, 0};
	if (found->script.n == 1)
		return between(found, 0, c->start).n == 0 && between(found, c->end, end).n == 0;
	if (found->at > 0) {
		const struct shell_command *before = c - 1;
		if (!str_eq(between(found, before->end, c->start), STR("&&")))
			return false;
		*span = step_span(&found->text, (struct span){before->end, c->end});
		return true;
	}
	if (between(found, 0, c->start).n || !str_eq(between(found, c->end, (c + 1)->start), STR("&&")))
		return false;
	*span = step_span(&found->text, (struct span){c->start, (c + 1)->start});
	return true;
}

static struct str raw_word(const struct found *found, size_t operand)
{
	const struct shell_word *word = found->operands.at[operand];
	return str_sub(found->text.text, word->start, word->end);
}

/* A path as the step wrote it, where it did. */
static struct str written(const struct rule_context *ctx, const struct found *found, struct str path)
{
	for (size_t i = 1; i < found->operands.n; i++)
		if (str_eq(ctx->facts->made.at[found->first + i - 1].path, path))
			return raw_word(found, i);
	return style_quote(ctx->arena, path);
}

/* What is left of the command. */
static struct str remaining(struct rule_context *ctx, const struct found *found, const struct doubled *doubled)
{
	struct str text =
		arena_printf(ctx->arena, "chown%.*s %.*s", STR_ARG(found->options), STR_ARG(raw_word(found, 0)));
	for (size_t i = 0; i < doubled->keep.n; i++)
		text = arena_printf(ctx->arena, "%.*s %.*s", STR_ARG(text),
				    STR_ARG(written(ctx, found, doubled->keep.at[i])));
	return text;
}

static void fold(struct rule_context *ctx, uint32_t run, struct found *found, const struct doubled *doubled)
{
	const struct facts *f = ctx->facts;
	const struct shell_command *c = &found->script.at[found->at];
	uint32_t ins = f->runs.at[run].ins, lines = 0;
	struct span span;
	struct str text = STR("");
	if (!span_of_command(found, &span))
		return;
	if (doubled->keep.n) {
		span = step_span(&found->text, (struct span){c->start, c->end});
		text = remaining(ctx, found, doubled);
	}
	if (span.end > span.start && lines_hold_comment(source_text(&f->doc->source, span)))
		return;
	struct str path = f->made.at[found->first].path, where = STR("");
	for (; lines < doubled->copies.n; lines++)
		where = arena_printf(ctx->arena, "%.*s%s%u", STR_ARG(where), lines ? ", " : "",
				     f->doc->instructions.at[f->copies.at[doubled->copies.at[lines]].ins].line);
	struct finding *finding =
		rule_find(ctx, ins, UNROOT_SAFE,
			  arena_printf(ctx->arena,
				       "the files that line%s %.*s copies to %.*s are stored a second time in this "
				       "layer: --chown=%.*s there saves it",
				       lines > 1 ? "s" : "", STR_ARG(where), STR_ARG(path), STR_ARG(doubled->owner)));
	finding->detail = path;
	struct str chown = style_chown(ctx->style, doubled->owner);
	for (size_t i = 0; i < doubled->copies.n; i++)
		style_insert_flag(ctx->style, &finding->edits, f->copies.at[doubled->copies.at[i]].ins, chown);
	if (span.end > span.start)
		*VEC_PUSH(ctx->arena, finding->edits) = (struct edit){0, span.start, span.end, 0, text};
	else
		style_remove(ctx->style, &finding->edits, ins);
}

/* Whether the container's user has what lies below the path. */
static bool owned_by_user(const struct facts *f, struct str path)
{
	struct str user = facts_user(f)->text;
	size_t colon = str_find_char(user, ':', 0);
	struct str name = colon == STR_NONE ? user : str_sub(user, 0, colon);
	for (size_t i = 0; i < f->made.n; i++) {
		const struct made *m = &f->made.at[i];
		if (m->kind == MADE_OWNER && m->recursive && m->run != RUN_START && path_within(path, m->path) &&
		    str_starts(m->owner, name) && (m->owner.n == name.n || m->owner.p[name.n] == ':'))
			return true;
	}
	return false;
}

/* chmod -R 777 where the user owns it all. */
static void narrow(struct rule_context *ctx, uint32_t run, struct found *found)
{
	const struct facts *f = ctx->facts;
	struct str mode = f->made.at[found->first].owner, text = STR("755");
	if (!str_in_list(STR("777,0777,a+rwx,ugo+rwx"), mode) || facts_user(f)->kind != USER_OTHER)
		return;
	if (!find_command(ctx, run, STR("chmod"), MADE_MODE, found))
		return;
	for (size_t i = 1; i < found->operands.n; i++)
		if (!owned_by_user(f, f->made.at[found->first + i - 1].path))
			return;
	if (!ascii_digit(mode.p[0]))
		text = STR("u+rwx,go+rx");
	const struct shell_word *word = found->operands.at[0];
	struct span span = step_span(&found->text, (struct span){word->start, word->end});
	struct str path = f->made.at[found->first].path;
	struct finding *finding =
		rule_find(ctx, f->runs.at[run].ins, UNROOT_UNSAFE,
			  arena_printf(ctx->arena, "mode %.*s lets every user write below %.*s, which %.*s owns: %.*s",
				       STR_ARG(mode), STR_ARG(path), STR_ARG(facts_user(f)->text), STR_ARG(text)));
	finding->detail = path;
	*VEC_PUSH(ctx->arena, finding->edits) = (struct edit){0, span.start, span.end, 0, text};
}

/* The first recursive change of that kind in a step; the step's paths of that kind begin there. */
static bool first_of_kind(const struct facts *f, size_t from, enum made_kind kind, size_t *first)
{
	for (*first = from; *first < f->made.n && f->made.at[*first].run == f->made.at[from].run; ++*first)
		if (f->made.at[*first].kind == kind)
			return f->made.at[*first].recursive;
	return false;
}

static void look_into(struct rule_context *ctx, size_t from)
{
	struct facts *f = ctx->facts;
	uint32_t step = f->made.at[from].run;
	struct found owner = {.options = {"", 0}}, mode = owner;
	struct doubled doubled;
	if (first_of_kind(f, from, MADE_OWNER, &owner.first) &&
	    find_command(ctx, step, STR("chown"), MADE_OWNER, &owner) &&
	    doubled_find(f, step, owner.first, owner.operands.n - 1, &doubled))
		fold(ctx, step, &owner, &doubled);
	if (first_of_kind(f, from, MADE_MODE, &mode.first))
		narrow(ctx, step, &mode);
}

static void run(struct rule_context *ctx)
{
	const struct facts *f = ctx->facts;
	uint32_t looked = 0;
	for (size_t m = 0; m < f->made.n && looked < MAX_STEPS; m++) {
		uint32_t step = f->made.at[m].run;
		bool begins = m == 0 || f->made.at[m - 1].run != step;
		if (!begins || step == RUN_START || f->runs.at[step].ins < f->stages->at[f->target].from)
			continue;
		size_t first;
		looked += first_of_kind(f, m, MADE_OWNER, &first) || first_of_kind(f, m, MADE_MODE, &first);
		look_into(ctx, m);
	}
}

const struct rule rule_chown_after_copy = {"chown-after-copy", false, run};
