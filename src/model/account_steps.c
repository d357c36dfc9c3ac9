/* Account commands as they stand in the steps, and the packages that bring the tools for them. */
#include "model/step.h"

static bool is_install(struct str word)
{
	static const char *const names[] = {"install", "add", "in", "-S", "-Sy", "-Syu", "reinstall", "localinstall"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_eq(word, str_of(names[i])))
			return true;
	return false;
}

static uint32_t package_brings(struct str name)
{
	if (str_eq(name, STR("shadow")) || str_eq(name, STR("shadow-utils")) || str_eq(name, STR("passwd")) ||
	    str_eq(name, STR("shadow-login")))
		return BROUGHT_SHADOW;
	return str_eq(name, STR("adduser")) ? BROUGHT_ADDUSER : BROUGHT_PACKAGE;
}

void step_note_packages(struct step *s, const struct shell_word *words, uint32_t n)
{
	bool installs = false;

	for (uint32_t i = 1; i < n; i++) {
		struct str text = words[i].text;
		if (!installs)
			installs = is_install(text);
		else if (text.n == 0 || text.p[0] == '-')
			continue;
		else if (words[i].expands || words[i].glob || words[i].brace || text.p[0] == '@')
			s->f->brought |= BROUGHT_UNKNOWN;
		else
			s->f->brought |= package_brings(step_package_name(text));
	}
}

void step_note_account(struct step *s, const struct account_command *command, const struct shell_word *words,
		       uint32_t n, bool wrapped)
{
	const struct shell_command *c = s->command;
	struct account_step *step = VEC_PUSH(s->f->arena, s->f->account_steps);

	*step = (struct account_step){.command = *command,
				      .tool = arena_str(s->f->arena, command_name(words[0].text)),
				      .ins = s->ins,
				      .run = s->index,
				      .words = {words[0].start, words[n - 1].end},
				      .wrapped = wrapped,
				      .brought = s->f->brought};
	if (!c || s->nesting > 0)
		return;
	step->readable = true;
	step->where = c->where;
	step->fatal = !(c->where & (SHELL_TEST | SHELL_BACKGROUND | SHELL_FUNCTION | SHELL_SUBSTITUTION)) &&
		      (s->errexit || c->list == s->last_list);
}

struct step_text step_text(struct arena *a, const struct document *doc, uint32_t ins)
{
	struct step_text t = {.at = 0};
	instruction_args(a, doc, ins, &t.args);
	if (t.args.form == ARGS_EXEC || t.args.nwords == 0)
		return t;
	t.in_heredoc = t.args.nheredocs > 0;
	t.text = t.in_heredoc ? source_text(&doc->source, t.args.heredocs[0].body) : t.args.words[0].text;
	t.at = t.in_heredoc ? t.args.heredocs[0].body.start : t.args.words[0].at;
	return t;
}

struct span step_span(const struct step_text *t, struct span of_text)
{
	if (t->in_heredoc)
		return (struct span){t->at + of_text.start, t->at + of_text.end};
	return view_span(&t->args.view, t->at + of_text.start, t->at + of_text.end);
}
