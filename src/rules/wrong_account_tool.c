/* An account tool that the image does not have, or one with another's options: said again with the family's own. */
#include "fix/rule.h"
#include "fix/translate.h"
#include "model/image_groups.h"
#include "syntax/line.h"

enum fault {
	FAULT_NONE,
	FAULT_MISSING, /* the tool is not there */
	FAULT_OPTIONS, /* it is there and has other options */
	FAULT_INSTALL  /* it comes with a package that is not installed yet */
};

struct judgement {
	enum fault fault;
	bool sure;
};

static bool of_shadow(struct str tool)
{
	static const char *const names[] = {"useradd", "groupadd", "usermod", "groupmod", "userdel", "groupdel"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_eq(tool, str_of(names[i])))
			return true;
	return false;
}

static bool fits(const struct account_step *step, enum account_dialect dialect)
{
	return (step->command.fits & 1u << dialect) != 0;
}

static struct judgement judge_busybox(const struct facts *f, const struct account_step *step)
{
	bool unknown = (step->brought & BROUGHT_UNKNOWN) != 0;

	if (of_shadow(step->tool))
		return (struct judgement){step->brought & BROUGHT_SHADOW ? FAULT_NONE : FAULT_MISSING,
					  f->image && f->tools_sure && !unknown};
	if (fits(step, DIALECT_BUSYBOX) || step->command.strange)
		return (struct judgement){FAULT_NONE, true};
	return (struct judgement){FAULT_OPTIONS, f->family_sure};
}

static struct judgement judge_debian(const struct facts *f, const struct account_step *step)
{
	if (of_shadow(step->tool) || (step->brought & BROUGHT_ADDUSER))
		return (struct judgement){FAULT_NONE, true};
	/* Many packages need adduser and bring it. */
	if (f->image && (f->image->sure & SURE_TOOLS) && f->image->tools == TOOLS_SHADOW)
		return (struct judgement){FAULT_MISSING, step->brought == 0};
	if (fits(step, DIALECT_DEBIAN) || step->command.strange)
		return (struct judgement){FAULT_NONE, true};
	return (struct judgement){FAULT_OPTIONS, f->family_sure};
}

/* Red Hat's adduser is useradd; addgroup and the others are Debian's and BusyBox's alone. */
static struct judgement judge_shadow(const struct facts *f, const struct account_step *step)
{
	bool here = of_shadow(step->tool) ||
		    (str_eq(step->tool, STR("adduser")) && f->family == FAMILY_RHEL && fits(step, DIALECT_SHADOW));

	if (!here)
		return (struct judgement){step->command.strange ? FAULT_NONE : FAULT_MISSING,
					  f->family == FAMILY_RHEL && f->family_sure};
	if (f->image && f->tools == TOOLS_INSTALL && !(step->brought & BROUGHT_SHADOW))
		return (struct judgement){FAULT_INSTALL, f->tools_sure && step->brought == 0};
	return (struct judgement){FAULT_NONE, true};
}

static struct judgement judge(const struct facts *f, const struct account_step *step)
{
	switch (f->family) {
	case FAMILY_ALPINE:
	case FAMILY_BUSYBOX:
	case FAMILY_WOLFI:
		return judge_busybox(f, step);
	case FAMILY_DEBIAN:
		return judge_debian(f, step);
	case FAMILY_RHEL:
	case FAMILY_SUSE:
	case FAMILY_ARCH:
		return judge_shadow(f, step);
	default:
		return (struct judgement){FAULT_NONE, false};
	}
}

/* Somebody minds whether it works, or it may not run at all. */
static bool guarded(const struct account_step *step)
{
	return (step->where & (SHELL_CONDITIONAL | SHELL_TEST | SHELL_LOOP | SHELL_FUNCTION | SHELL_BACKGROUND |
			       SHELL_SUBSTITUTION)) != 0;
}

/* The commands that install the tools, from the family's account template: those around groupadd and useradd. */
static struct commands install_commands(struct rule_context *ctx)
{
	struct commands all = {0}, out = {0};

	account_commands(ctx->arena, ctx->facts->tables, ctx->plan, &all);
	for (size_t i = 0; i < all.n; i++)
		if (!str_starts(all.at[i], STR("groupadd")) && !str_starts(all.at[i], STR("useradd")))
			*VEC_PUSH(ctx->arena, out) = all.at[i];
	return out;
}

static struct str name_of_base(const struct facts *f)
{
	return f->image_name.n ? f->image_name : STR("the base image");
}

struct case_at {
	const struct account_step *step;
	struct judgement judgement;
	bool group_ready;
};

/* What goes in place of the command; none, and why, where that cannot be said. */
static struct commands replacement(struct rule_context *ctx, const struct case_at *c, const struct step_text *text,
				   struct str *why)
{
	const struct account_step *step = c->step;
	struct commands commands = {0};
	struct translation t = {ctx->arena, ctx->facts, step, text->text, c->group_ready};

	*why = STR("");
	if (!step->readable || text->text.n == 0)
		*why = STR("it does not stand in the step's own text");
	else if (step->where & (SHELL_PIPE_IN | SHELL_PIPE_OUT))
		*why = STR("it is part of a pipe");
	else if (c->judgement.fault != FAULT_INSTALL)
		translate_account(&t, &commands, why);
	else
		commands = install_commands(ctx);
	if (commands.n > 1 && step->wrapped) {
		*why = STR("it needs more than one command, behind a sudo");
		commands = (struct commands){0};
	}
	return commands;
}

static struct str describe(struct rule_context *ctx, const struct case_at *c, struct str text)
{
	const struct facts *f = ctx->facts;
	struct str tool = c->step->tool, base = name_of_base(f);

	switch (c->judgement.fault) {
	case FAULT_INSTALL:
		return arena_printf(ctx->arena, "%.*s is not in %.*s: it comes with the package %.*s", STR_ARG(tool),
				    STR_ARG(base), STR_ARG(f->tools_package));
	case FAULT_OPTIONS:
		return arena_printf(ctx->arena, "%.*s has other options in %.*s%s%.*s", STR_ARG(tool), STR_ARG(base),
				    text.n ? ": " : "", STR_ARG(text));
	default:
		return arena_printf(ctx->arena, "%.*s is not in %.*s%s%s%.*s", STR_ARG(tool), STR_ARG(base),
				    c->judgement.sure || f->family != FAMILY_DEBIAN ? ""
										    : ", unless a package brings it",
				    text.n ? ": " : "", STR_ARG(text));
	}
}

static void report(struct rule_context *ctx, const struct case_at *c)
{
	const struct account_step *step = c->step;
	struct step_text text = step_text(ctx->arena, ctx->facts->doc, step->ins);
	struct str why;
	struct commands commands = replacement(ctx, c, &text, &why);
	struct span span = commands.n ? step_span(&text, step->words) : (struct span){0, 0};
	unroot_class cls = c->judgement.sure && step->fatal ? UNROOT_SAFE : UNROOT_UNSAFE;
	bool install = c->judgement.fault == FAULT_INSTALL;

	if (commands.n && !install && lines_hold_comment(source_text(&ctx->facts->doc->source, span))) {
		commands.n = 0;
		why = STR("there are comments between its lines");
	}
	if (commands.n == 0) {
		struct str message = describe(ctx, c, STR(""));
		rule_find(ctx, step->ins, UNROOT_DISPLAY,
			  arena_printf(ctx->arena, "%.*s\n  left as it is: %.*s", STR_ARG(message), STR_ARG(why)));
		return;
	}
	struct str joined = style_join(ctx->style, step->ins, commands.at, (uint32_t)commands.n);
	struct finding *finding = rule_find(ctx, step->ins, cls, describe(ctx, c, joined));
	finding->detail = step->tool;
	if (install) {
		*VEC_PUSH(ctx->arena, commands) = STR("");
		joined = style_join(ctx->style, step->ins, commands.at, (uint32_t)commands.n);
		span.end = span.start;
	}
	*VEC_PUSH(ctx->arena, finding->edits) = (struct edit){0, span.start, span.end, 0, joined};
}

static void run(struct rule_context *ctx)
{
	const struct facts *f = ctx->facts;
	struct map groups = {0}; /* made so far */
	bool installed = false;

	for (size_t i = 0; i < f->account_steps.n; i++) {
		const struct account_step *step = &f->account_steps.at[i];
		const struct account_command *command = &step->command;
		struct str name = command->noperands ? command->operands[0] : (struct str){NULL, 0};
		struct case_at c = {.step = step, .judgement = judge(f, step)};
		c.group_ready = name.p && (map_get(&groups, name) || image_group_named(f, name, NULL));
		if (name.p && command->action == ACTION_ADD_GROUP)
			*map_put(ctx->arena, &groups, name) = (void *)(uintptr_t)step;
		if (c.judgement.fault == FAULT_NONE || guarded(step) ||
		    (installed && c.judgement.fault == FAULT_INSTALL))
			continue;
		installed |= c.judgement.fault == FAULT_INSTALL; /* once for all that follow */
		report(ctx, &c);
	}
}

const struct rule rule_wrong_account_tool = {"wrong-account-tool", false, run};
