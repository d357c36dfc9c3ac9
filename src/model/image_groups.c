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

/* Whether the image brings this group of its family. */
static bool is_there(const struct facts *f, const struct family_group *group)
{
	return group->since.n == 0 || is_release(f, group->since);
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
	const struct family_groups *groups = &f->tables->groups[f->family];
	const struct account *account = image_account_named(f, name);

	for (size_t i = 0; i < groups->n; i++)
		if (str_eq(groups->at[i].name, name) && is_there(f, &groups->at[i])) {
			if (gid)
				*gid = groups->at[i].gid;
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
	const struct family_groups *groups = &f->tables->groups[f->family];
	const struct account *account = image_account_numbered(f, gid);

	for (size_t i = 0; i < groups->n; i++)
		if (groups->at[i].gid == gid && is_there(f, &groups->at[i]))
			return groups->at[i].name;
	return account && account->gid == gid ? account->name : (struct str){NULL, 0};
}
