#include "project/ignore.h"

#include "project/glob.h"

/* Blanks at the end do not count, unless the first of them is escaped. */
static struct str trim_line(struct str line)
{
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	size_t end = line.n;
	while (end > 0 && (line.p[end - 1] == ' ' || line.p[end - 1] == '\t'))
		end--;
	if (end < line.n && end > 0 && line.p[end - 1] == '\\')
		end++;
	return str_sub(line, 0, end);
}

void ignore_add(struct arena *a, struct ignore_list *list, struct str line)
{
	struct ignore_rule rule = {0};
	line = trim_line(line);
	if (line.n == 0 || line.p[0] == '#')
		return;
	if (line.p[0] == '!') {
		rule.negated = true;
		line = str_sub(line, 1, line.n);
	}
	if (str_ends(line, STR("/"))) {
		rule.directory = true;
		line.n--;
	}
	rule.anchored = str_find_char(line, '/', 0) != STR_NONE;
	if (str_starts(line, STR("/")))
		line = str_sub(line, 1, line.n);
	if (line.n == 0)
		return;
	rule.pattern = line;
	*VEC_PUSH(a, list->rules) = rule;
}

struct ignore_list *ignore_read(struct arena *a, const struct ignore_list *outer, size_t base, struct str text)
{
	struct ignore_list *list = ARENA_NEW(a, struct ignore_list);
	struct str line;
	list->outer = outer;
	list->base = base;
	if (str_starts(text, STR("\xEF\xBB\xBF")))
		text = str_sub(text, 3, text.n);
	while (str_split(&text, '\n', &line))
		ignore_add(a, list, line);
	return list;
}

bool ignore_matches(const struct ignore_list *list, struct str path, bool directory)
{
	size_t slash = str_find_last_char(path, '/');
	struct str name = slash == STR_NONE ? path : str_sub(path, slash + 1, path.n);
	for (; list; list = list->outer) {
		struct str below = str_sub(path, list->base, path.n);
		for (size_t i = list->rules.n; i > 0; i--) {
			const struct ignore_rule *rule = &list->rules.at[i - 1];
			if (rule->directory && !directory)
				continue;
			if (rule->anchored ? glob_match_path(rule->pattern, below) : glob_match(rule->pattern, name))
				return !rule->negated;
		}
	}
	return false;
}
