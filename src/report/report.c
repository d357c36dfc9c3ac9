#include "report/report.h"

#include "base/utf8.h"

const struct report_format *const report_formats[] = {&report_text,	  &report_concise, &report_json,
						      &report_sarif,	  &report_github,  &report_gitlab,
						      &report_checkstyle, &report_rdjson,  NULL};
const char report_format_names[] = "text, concise, json, sarif, github, gitlab, checkstyle or rdjson";

const struct report_format *report_format_by_name(const char *name)
{
	for (size_t i = 0; report_formats[i]; i++)
		if (strcmp(report_formats[i]->name, name) == 0)
			return report_formats[i];
	return NULL;
}

const char *report_class_name(unroot_class cls)
{
	static const char *const names[] = {
		[UNROOT_DISPLAY] = "display-only",
		[UNROOT_UNSAFE] = "unsafe",
		[UNROOT_INTERFACE] = "interface",
		[UNROOT_SAFE] = "safe",
	};
	return names[cls];
}

const char *report_rule_url(struct arena *a, const char *rule)
{
	return arena_printf(a, "https://github.com/unroot/unroot/blob/main/golden/%s/README.md", rule).p;
}

/* What a terminal would obey instead of showing it: C0, DEL, and C1 as UTF-8 has it. */
static bool is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0);
}

void report_clean(struct buf *out, struct str text)
{
	size_t start = 0, width;
	for (size_t i = 0; i < text.n; i += width) {
		uint32_t c = utf8_decode(text, i, &width);
		if (!is_control(c))
			continue;
		buf_add(out, str_sub(text, start, i));
		if (c == '\n')
			buf_add(out, STR("\\n"));
		else if (c == '\t')
			buf_add(out, STR("\\t"));
		else
			buf_printf(out, "\\x%02x", c);
		start = i + width;
	}
	buf_add(out, str_sub(text, start, text.n));
}

struct str report_plain(struct arena *a, struct str text)
{
	struct buf out = buf_new(a);
	size_t width;
	text = utf8_repair(a, text);
	for (size_t i = 0; i < text.n; i += width) {
		uint32_t c = utf8_decode(text, i, &width);
		buf_utf8(&out, is_control(c) && c != '\n' && c != '\t' ? UTF8_BAD : c);
	}
	return buf_str(&out);
}

struct str report_message(struct arena *a, const unroot_finding *finding)
{
	bool follows = finding->follow && *finding->follow;
	return report_plain(a, arena_printf(a, "%s%s%s", finding->message, follows ? "\nthen: " : "",
					    follows ? finding->follow : ""));
}

void report_error(struct buf *out, const char *path, unsigned line, unsigned column, const char *message)
{
	report_clean(out, str_of(path));
	if (line)
		buf_printf(out, ":%u:%u", line, column ? column : 1);
	buf_add(out, STR(": "));
	report_clean(out, str_of(message));
	buf_char(out, '\n');
}

enum { MOST_TEXTS = 4 };

/* Different texts, in the order in which they came. */
struct texts {
	const char *at[MOST_TEXTS];
	size_t n;
	bool more; /* there were others */
};

static void add_text(struct texts *t, const char *text)
{
	if (!text || !*text)
		return;
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->at[i], text) == 0)
			return;
	if (t->n == MOST_TEXTS)
		t->more = true;
	else
		t->at[t->n++] = text;
}

static void print_texts(struct buf *out, const struct texts *t, const char *separator, bool *open)
{
	for (size_t i = 0; i < t->n; i++) {
		buf_add(out, str_of(*open ? separator : " ("));
		report_clean(out, str_of(t->at[i]));
		*open = true;
	}
	buf_add(out, t->more ? STR(", …") : STR(""));
}

/* All that is fixed under the rule of finding `first`: what each is about, else how many there are; then what has to
   follow outside. */
static void add_rule(struct buf *out, const struct report_item *item, size_t first)
{
	const char *rule = item->findings[first].rule;
	struct texts details = {0}, follows = {0};
	size_t count = 0, detailed = 0;
	bool open = false;
	for (size_t i = first; i < item->finding_count; i++) {
		const unroot_finding *f = &item->findings[i];
		if (!f->fixed || strcmp(f->rule, rule) != 0)
			continue;
		count++;
		detailed += f->detail && *f->detail;
		add_text(&details, f->detail);
		add_text(&follows, f->follow);
	}
	report_clean(out, str_of(rule));
	if (detailed == count && !details.more) {
		print_texts(out, &details, ", ", &open);
	} else if (count > 1) {
		buf_printf(out, " (%zu", count);
		open = true;
	}
	print_texts(out, &follows, "; ", &open);
	if (open)
		buf_char(out, ')');
}

/* The order in which a person would tell it; rules that are not here come behind, as they are met. */
static const char *const told_first[] = {
	"run-as-root",		"root-user-last",     "unknown-user",	  "wrong-account-tool", "uid-taken",
	"root-step-after-user", "copy-without-chown", "chown-after-copy", "unwritable-path",	"home-in-root",
};
enum { TOLD_FIRST = sizeof told_first / sizeof *told_first };

static size_t rank(const char *rule)
{
	size_t i = 0;
	while (i < TOLD_FIRST && strcmp(told_first[i], rule) != 0)
		i++;
	return i;
}

/* The first finding of each rule that is fixed, in the order of telling. */
struct rule_places {
	size_t *at;
	size_t n, cap;
};

static void find_rules(struct arena *a, const struct report_item *item, struct rule_places *out)
{
	for (size_t i = 0; i < item->finding_count; i++) {
		const char *rule = item->findings[i].rule;
		bool known = !item->findings[i].fixed;
		for (size_t k = 0; k < out->n && !known; k++)
			known = strcmp(item->findings[out->at[k]].rule, rule) == 0;
		if (known)
			continue;
		VEC_PUSH(a, *out);
		size_t k = out->n - 1;
		for (; k > 0 && rank(item->findings[out->at[k - 1]].rule) > rank(rule); k--)
			out->at[k] = out->at[k - 1];
		out->at[k] = i;
	}
}

void report_fixed(struct buf *out, const struct report_item *item, const char *verb)
{
	struct rule_places rules = {0};
	find_rules(out->arena, item, &rules);
	if (rules.n == 0)
		return;
	report_clean(out, str_of(item->path));
	buf_printf(out, ": %s ", verb);
	for (size_t i = 0; i < rules.n; i++) {
		buf_add(out, i ? STR(", ") : STR(""));
		add_rule(out, item, rules.at[i]);
	}
	buf_char(out, '\n');
}

void report_colour_diff(struct buf *out, struct str diff)
{
	struct str line;
	for (unsigned number = 0; str_split(&diff, '\n', &line) && (line.n || diff.p); number++) {
		const char *colour = "";
		if (number < 2)
			colour = "\033[1m";
		else if (str_starts(line, STR("@@")))
			colour = "\033[36m";
		else if (str_starts(line, STR("+")))
			colour = "\033[32m";
		else if (str_starts(line, STR("-")))
			colour = "\033[31m";
		buf_add(out, str_of(colour));
		buf_add(out, report_plain(out->arena, str_ends(line, STR("\r")) ? str_sub(line, 0, line.n - 1) : line));
		buf_add(out, *colour ? STR("\033[m\n") : STR("\n"));
	}
}
