#include "model/image_groups.h"

/* The next "name:gid" of a family's list. */
static bool next_group(struct str *rest, struct str *name, uint32_t *gid)
{
	struct str line;

	while (str_split(rest, '\n', &line)) {
		size_t colon = str_find_char(line, ':', 0);
		if (line.n == 0 || line.p[0] == '#' || colon == STR_NONE)
			continue;
		*name = str_sub(line, 0, colon);
		if (str_to_u32(str_sub(line, colon + 1, line.n), gid))
			return true;
	}
	return false;
}

static struct str family_groups(const struct facts *f)
{
	struct str family = family_name(f->family);

	return f->tables->text(f->tables->text_ctx, arena_printf(f->arena, "%.*s/groups", STR_ARG(family)).p);
}

const struct account *image_account_named(const struct facts *f, struct str name)
{
	for (uint32_t i = 0; f->image && i < f->image->naccounts; i++)
		if (str_eq(f->image->accounts[i].name, name))
			return &f->image->accounts[i];
	return NULL;
}

const struct account *image_account_numbered(const struct facts *f, uint32_t uid)
{
	for (uint32_t i = 0; f->image && i < f->image->naccounts; i++)
		if (f->image->accounts[i].ids_known && f->image->accounts[i].uid == uid)
			return &f->image->accounts[i];
	return NULL;
}

bool image_group_named(const struct facts *f, struct str name, uint32_t *gid)
{
	struct str rest = family_groups(f), group;
	const struct account *account = image_account_named(f, name);
	uint32_t number;

	while (next_group(&rest, &group, &number))
		if (str_eq(group, name)) {
			if (gid)
				*gid = number;
			return true;
		}
	/* An account whose two numbers are the same has a group of its own. */
	if (!account || !account->ids_known || account->uid != account->gid)
		return false;
	if (gid)
		*gid = account->gid;
	return true;
}

struct str image_group_numbered(const struct facts *f, uint32_t gid)
{
	struct str rest = family_groups(f), group;
	const struct account *account = image_account_numbered(f, gid);
	uint32_t number;

	while (next_group(&rest, &group, &number))
		if (number == gid)
			return group;
	return account && account->gid == gid ? account->name : (struct str){NULL, 0};
}
