#include "fix/templates.h"

#include "base/embedded.h"
#include "fix/account.h"

static const struct embedded *built_in(const char *path)
{
	size_t low = 0, high = templates_embedded_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(templates_embedded[middle].path, path);
		if (order == 0)
			return &templates_embedded[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

struct str templates_text(void *templates, const char *path)
{
	const struct templates *t = templates;
	for (const unroot_pair *given = t->given; given && given->name; given++)
		if (strcmp(given->name, path) == 0)
			return str_of(given->value);
	const struct embedded *own = built_in(path);
	return own ? (struct str){own->bytes, own->length} : (struct str){NULL, 0};
}

bool templates_check(const struct templates *t, struct arena *a, struct str *why)
{
	for (const unroot_pair *given = t->given; given && given->name; given++) {
		bool account = str_ends(str_of(given->name), STR("/account"));
		struct str fault = STR("");
		if (!built_in(given->name))
			fault = STR("there is no template of that name");
		else if (account)
			fault = account_template_fault(a, str_of(given->value));
		else if (str_ends(str_of(given->name), STR("/recipe")))
			fault = recipe_template_fault(a, str_of(given->value));
		if (fault.n) {
			*why = arena_printf(a, "templates/%s: %.*s", given->name, STR_ARG(fault));
			return false;
		}
	}
	return true;
}
