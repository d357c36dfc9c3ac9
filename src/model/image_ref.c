#include "base/table.h"
#include "model/family.h"

enum kind { PREFIX, WITHIN, LIBRARY, ARCHITECTURE, OUTDATED, KINDS };

struct registries {
	VEC(struct str) names[KINDS];
};

struct registries *registries_read(struct arena *a, struct str text, uint32_t *bad_line)
{
	static const char *const kinds[KINDS] = {"prefix", "within", "library", "architecture", "outdated"};
	struct registries *r = ARENA_NEW(a, struct registries);
	struct table_reader reader = table_read(text);
	struct table_row row;
	*r = (struct registries){0};
	while (table_next(&reader, &row)) {
		size_t kind = 0;
		while (kind < KINDS && !str_eq(row.cell[0], str_of(kinds[kind])))
			kind++;
		if (kind == KINDS || row.cell[1].n == 0) {
			*bad_line = row.line;
			return NULL;
		}
		*VEC_PUSH(a, r->names[kind]) = row.cell[1];
	}
	return r;
}

static bool cut_prefix(struct str *s, struct str prefix)
{
	if (!str_starts(*s, prefix) || s->n == prefix.n)
		return false;
	*s = str_sub(*s, prefix.n, s->n);
	return true;
}

static bool cut_one_of(struct str *s, const struct registries *r, enum kind kind)
{
	for (size_t i = 0; i < r->names[kind].n; i++)
		if (cut_prefix(s, r->names[kind].at[i]))
			return true;
	return false;
}

static void cut_hub(struct str *repository, const struct registries *r)
{
	cut_one_of(repository, r, PREFIX);
	for (size_t i = 0; i < r->names[WITHIN].n; i++) {
		struct str within = r->names[WITHIN].at[i];
		size_t at = str_find(*repository, within, 0);
		if (at != STR_NONE && at + within.n < repository->n) {
			*repository = str_sub(*repository, at + within.n, repository->n);
			break;
		}
	}
	cut_one_of(repository, r, LIBRARY);
}

/* Gives whether `latest` is not today's. */
static bool cut_architecture(struct str *repository, const struct registries *r)
{
	size_t slash = str_find_char(*repository, '/', 0);
	if (slash == STR_NONE || str_find_char(*repository, '/', slash + 1) != STR_NONE)
		return false;
	return !cut_one_of(repository, r, ARCHITECTURE) && cut_one_of(repository, r, OUTDATED);
}

/* What no tag can hold is a variable or a template's mark that nobody filled in. */
static bool is_tag(struct str tag)
{
	for (size_t i = 0; i < tag.n; i++)
		if (!ascii_alpha(tag.p[i]) && !ascii_digit(tag.p[i]) && !memchr("_.-", tag.p[i], 3))
			return false;
	return true;
}

struct image_ref image_ref_of(const struct registries *r, struct str reference)
{
	struct image_ref ref = {.repository = reference, .tag = STR("latest"), .digest = {"", 0}};
	size_t at = str_find_char(reference, '@', 0);
	if (at != STR_NONE) {
		ref.repository = str_sub(reference, 0, at);
		ref.digest = str_sub(reference, at + 1, reference.n);
		ref.tag.n = 0;
	}
	size_t name = str_find_last_char(ref.repository, '/');
	size_t colon = str_find_char(ref.repository, ':', name == STR_NONE ? 0 : name + 1);
	if (colon != STR_NONE) {
		struct str tag = str_sub(ref.repository, colon + 1, ref.repository.n);
		ref.repository.n = colon;
		if (tag.n > 0)
			ref.tag = tag;
	}
	if (!is_tag(ref.tag))
		ref.tag.n = 0;
	cut_hub(&ref.repository, r);
	if (cut_architecture(&ref.repository, r) && str_eq(ref.tag, STR("latest")))
		ref.tag.n = 0;
	return ref;
}
