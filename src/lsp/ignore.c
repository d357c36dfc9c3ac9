#include "lsp/ignore.h"

static size_t line_start(struct str text, size_t at)
{
	while (at > 0 && text.p[at - 1] != '\n')
		at--;
	return at;
}

/* Where the list of rules of "# unroot ignore=RULES" ends, or STR_NONE when the line is no such comment. */
static size_t list_end(struct str text, size_t start, size_t end)
{
	struct str rest = str_trim(str_sub(text, start, end)), word = {"", 0};
	while (rest.n && rest.p[0] == '#')
		rest = str_sub(rest, 1, rest.n);
	if (!str_word(&rest, &word) || !str_eq(word, STR("unroot")) || !str_word(&rest, &word) ||
	    !str_starts(word, STR("ignore=")))
		return STR_NONE;
	return (size_t)(word.p + word.n - text.p);
}

/* As long as the lines above are comments, one of them may say it already for another rule. */
static size_t list_above(struct str text, size_t line)
{
	while (line > 0) {
		size_t start = line_start(text, line - 1);
		struct str above = str_trim(str_sub(text, start, line));
		if (above.n == 0 || above.p[0] != '#')
			break;
		size_t end = list_end(text, start, line);
		if (end != STR_NONE)
			return end;
		line = start;
	}
	return STR_NONE;
}

struct insertion ignore_comment(struct arena *a, struct str text, size_t start, const char *rule)
{
	size_t line = line_start(text, start), list = list_above(text, line), indent = line;
	if (list != STR_NONE)
		return (struct insertion){list, arena_printf(a, ",%s", rule)};
	if (line == 0 && str_starts(text, STR("\xEF\xBB\xBF")))
		line = indent = 3;
	while (indent < start && (text.p[indent] == ' ' || text.p[indent] == '\t'))
		indent++;
	size_t end = str_find_char(text, '\n', start);
	const char *line_end = end != STR_NONE && end > 0 && text.p[end - 1] == '\r' ? "\r\n" : "\n";
	struct str margin = str_sub(text, line, indent);
	return (struct insertion){line, arena_printf(a, "%.*s# unroot ignore=%s%s", STR_ARG(margin), rule, line_end)};
}
