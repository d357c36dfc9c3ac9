/* The final USER is a name. Kubernetes' runAsNonRoot looks at the number before the colon alone (kubelet,
   verifyRunAsNonRoot), so that it refuses a name. */
#include "fix/rule.h"
#include "model/image_groups.h"

struct ids {
	bool uid_known, gid_known;
	uint32_t uid, gid;
	struct str from;
};

static bool account_ids(struct rule_context *ctx, struct str name, struct ids *ids)
{
	const struct facts *f = ctx->facts;
	const struct file_account *made = accounts_user(&f->accounts, name);
	const struct account *own = image_account_named(f, name);

	if (made && made->uid_known) {
		*ids = (struct ids){
			true, made->gid_known, made->uid, made->gid,
			arena_printf(ctx->arena, "line %u makes it", f->doc->instructions.at[made->ins].line)};
		return true;
	}
	if (made || !own || !own->ids_known || accounts_removed(&f->accounts, name))
		return false;
	*ids = (struct ids){true, true, own->uid, own->gid,
			    arena_printf(ctx->arena, "%.*s brings it", STR_ARG(f->image_name))};
	return true;
}

/* The number of the group behind the colon. */
static bool group_id(const struct facts *f, struct str name, uint32_t *gid)
{
	const struct file_group *made = accounts_group(&f->accounts, name);

	if (str_to_u32(name, gid))
		return true;
	if (made) {
		*gid = made->gid;
		return made->gid_known;
	}
	return image_group_named(f, name, gid);
}

/* With "uid:gid" the account's further groups would be lost; the uid alone keeps them. */
static bool has_more_groups(const struct facts *f, struct str name)
{
	for (size_t i = 0; i < f->account_steps.n; i++) {
		const struct account_command *c = &f->account_steps.at[i].command;
		bool named = c->noperands > 0 && c->operands[0].p && str_eq(c->operands[0], name);
		if (named && (c->noperands > 1 || c->options[ACCOUNT_GROUPS].given))
			return true;
	}
	return false;
}

static void run(struct rule_context *ctx)
{
	const struct facts *f = ctx->facts;
	const struct user *user = facts_user(f);
	size_t colon = str_find_char(user->text, ':', 0);
	struct str name = colon == STR_NONE ? user->text : str_sub(user->text, 0, colon);
	struct ids ids = {0};
	struct args args;
	uint32_t number;

	if (user->kind != USER_OTHER || !facts_user_is_written(f, user) || str_to_u32(name, &number) ||
	    f->family == FAMILY_WINDOWS)
		return;
	instruction_args(ctx->arena, f->doc, user->ins, &args);
	bool known = account_ids(ctx, name, &ids);
	struct str group = colon == STR_NONE ? (struct str){NULL, 0} : str_sub(user->text, colon + 1, user->text.n);
	if (known && group.n)
		known = ids.gid_known = group_id(f, group, &ids.gid);
	struct str message =
		arena_printf(ctx->arena, "USER %.*s is a name, and Kubernetes' runAsNonRoot can only verify a number",
			     STR_ARG(user->text));
	if (!known || !str_eq(str_trim(args.words[0].text), user->text)) {
		rule_find(ctx, user->ins, UNROOT_DISPLAY,
			  arena_printf(ctx->arena,
				       "%.*s\n  %s: set runAsUser in the manifest, or give the account a fixed number",
				       STR_ARG(message),
				       known ? "it comes from a variable" : "its number is not known"));
		return;
	}
	bool pair = ids.gid_known && (group.n || !has_more_groups(f, name));
	struct str text =
		pair ? arena_printf(ctx->arena, "%u:%u", ids.uid, ids.gid) : arena_printf(ctx->arena, "%u", ids.uid);
	struct finding *finding = rule_find(
		ctx, user->ins,
		f->image && !(f->image->sure & SURE_ACCOUNTS) && !accounts_user(&f->accounts, name) ? UNROOT_UNSAFE : UNROOT_SAFE,
		arena_printf(ctx->arena, "%.*s: USER %.*s (%.*s)", STR_ARG(message), STR_ARG(text), STR_ARG(ids.from)));
	finding->detail = arena_printf(ctx->arena, "%.*s → %.*s", STR_ARG(user->text), STR_ARG(text));
	*VEC_PUSH(ctx->arena, finding->edits) = (struct edit){0, args.rest.start, args.rest.end, 0, text};
}

const struct rule rule_non_numeric_user = {"non-numeric-user", true, run};
