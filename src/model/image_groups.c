#include "model/image_groups.h"

/* The minor number of "3.14" or "3.14.2". */
static bool minor_of(struct str release, uint32_t *minor)
{
	size_t end = 2;

	if (!str_starts(release, STR("3.")))
		return false;
	while (end < release.n && ascii_digit(release.p[end]))
		end++;
	return str_to_u32(str_sub(release, 2, end), minor);
}

/* Whether the image is of Alpine's release `since` or later; no when its name does not tell. */
static bool is_release(const struct facts *f, struct str since)
{
	struct str tag = image_ref_of(f->tables->registries, f->image_name).tag;
	size_t alpine = str_find(tag, STR("alpine"), 0);
	uint32_t wanted, minor;

	if (!minor_of(since, &wanted) || tag.n == 0)
		return false;
	if (alpine != STR_NONE)
		tag = str_sub(tag, alpine + strlen("alpine"), tag.n);
	for (size_t i = 0; i < tag.n; i++)
		if (ascii_digit(tag.p[i]))
			return minor_of(str_sub(tag, i, tag.n), &minor) && minor >= wanted;
	return alpine == STR_NONE || str_eq(image_ref_of(f->tables->registries, f->image_name).tag, STR("alpine")); /* the latest */
}

/* The next "name:gid" or "name:gid:since" of a family's list. */
static bool next_group(const struct facts *f, struct str *rest, struct str *name, uint32_t *gid)
{
	struct str line, number;

	while (str_split(rest, '\n', &line)) {
		if (line.n == 0 || line.p[0] == '#' || !str_split(&line, ':', name) || !str_split(&line, ':', &number))
			continue;
		if (str_to_u32(number, gid) && (line.n == 0 || is_release(f, line)))
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

	while (next_group(f, &rest, &group, &number))
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

	while (next_group(f, &rest, &group, &number))
		if (number == gid)
			return group;
	return account && account->gid == gid ? account->name : (struct str){NULL, 0};
}
