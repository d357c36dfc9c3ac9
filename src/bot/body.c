#include "bot/body.h"

#include "base/utf8.h"
#include "bot/mark.h"
#include "report/report.h"

/* Titles end at 255 characters on GitLab and Gitea, and 256 on GitHub; a byte of the path takes up to four. */
enum { MOST_ROWS = 40, MOST_VOLUMES = 4, LONGEST = 60000, LONGEST_IN_TITLE = 48 };

/* Whether a forge would close an issue that is named behind the blank which follows this: "Fixes", "closed:". GitLab
   looks for such words in the bare text, code spans included (its issue_closing_pattern; GitHub's words are among
   them). */
static bool is_closing(struct str before)
{
	static const char *const stems[] = {"clos", "fix", "resolv", "implement"};
	size_t end = str_ends(before, STR(":")) ? before.n - 1 : before.n, start = end;
	while (start > 0 && ascii_alpha(before.p[start - 1]))
		start--;
	struct str word = str_sub(before, start, end);
	for (size_t i = 0; i < sizeof stems / sizeof *stems; i++)
		if (word.n >= strlen(stems[i]) && str_eq_nocase(str_sub(word, 0, strlen(stems[i])), str_of(stems[i])))
			return true;
	return false;
}

/* Data as it can stand in code: on one line, without what a terminal would obey, and closing no issue. */
static struct str shown(struct arena *a, struct str text)
{
	struct buf clean = buf_new(a), out = buf_new(a);
	report_clean(&clean, text);
	for (size_t i = 0; i < clean.n; i++)
		if (clean.p[i] == ' ' && is_closing((struct str){clean.p, i}))
			buf_add(&out, STR("\\x20"));
		else
			buf_char(&out, clean.p[i]);
	return buf_str(&out);
}

/* One line in a code span. */
static void add_span(struct buf *out, struct str text, bool cell)
{
	size_t run = 0, longest = 0;
	for (size_t i = 0; i < text.n; i++) {
		run = text.p[i] == '`' ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	for (size_t i = 0; i <= longest; i++)
		buf_char(out, '`');
	if (longest)
		buf_char(out, ' ');
	for (size_t i = 0; i < text.n; i++) {
		if (cell && text.p[i] == '|')
			buf_char(out, '\\');
		buf_char(out, text.p[i]);
	}
	if (longest || text.n == 0)
		buf_char(out, ' ');
	for (size_t i = 0; i <= longest; i++)
		buf_char(out, '`');
}

void body_code(struct buf *out, struct str text, bool cell)
{
	add_span(out, shown(out->arena, text), cell);
}

void body_plain(struct buf *out, struct str text)
{
	static const char nothing[] =
		"<!-- -->"; /* shows nothing, and parts what stands before from what stands behind */
	struct buf clean = buf_new(out->arena);
	report_clean(&clean, text);
	for (size_t i = 0; i < clean.n; i++) {
		char c = clean.p[i];
		if (strchr("\\`*_[]<>|~&", c))
			buf_char(out, '\\');
		buf_char(out, c);
		if (c == '@' || c == '#' || c == '!') /* nobody is called, no issue is named */
			buf_add(out, str_of(nothing));
		if (c == ':' && i + 2 < clean.n && clean.p[i + 1] == '/' && clean.p[i + 2] == '/')
			buf_add(out, str_of(nothing));
		if (c == ' ' && is_closing((struct str){clean.p, i}))
			buf_add(out, str_of(nothing));
	}
}

/* A name in a title or a commit's message, where nothing can be quoted: what could call somebody, name or close an
   issue, skip checks or be a trailer is written as \xNN. */
static void add_name(struct buf *out, struct str name)
{
	struct buf harmless = buf_new(out->arena);
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		bool letter = ascii_alpha(c) || ascii_digit(c) || (unsigned char)c >= 0x80;
		if (letter || (c && strchr("._-/+=,~:", c)))
			buf_char(&harmless, c);
		else
			buf_printf(&harmless, "\\x%02x", (unsigned char)c);
	}
	report_clean(out, buf_str(&harmless));
}

static const struct change *only(const struct body_facts *f)
{
	return f->changes->n == 1 ? &f->changes->at[0] : NULL;
}

struct str body_title(struct arena *a, const struct body_facts *f)
{
	struct buf out = buf_new(a);
	buf_add(&out,
		f->conventional ? STR("fix(docker): run containers as non-root") : STR("Run containers as non-root"));
	if (f->one_file && only(f)) {
		struct str path = only(f)->path;
		bool whole = path.n <= LONGEST_IN_TITLE;
		buf_add(&out, whole ? STR(" (") : STR(" (..."));
		add_name(&out, whole ? path : str_sub(path, path.n - LONGEST_IN_TITLE, path.n));
		buf_char(&out, ')');
	}
	return utf8_repair(a, arena_str(a, buf_str(&out)));
}

struct str body_message(struct arena *a, const struct body_facts *f)
{
	struct buf out = buf_new(a);
	buf_add(&out, body_title(a, f));
	buf_add(&out, STR("\n\n"));
	for (size_t i = 0; i < f->changes->n && i < MOST_ROWS; i++) {
		const struct change *c = &f->changes->at[i];
		buf_add(&out, STR("- "));
		add_name(&out, c->path);
		for (size_t k = 0; k < c->stages.n; k++) {
			const struct change_stage *stage = &c->stages.at[k];
			buf_add(&out, k ? STR(", user ") : STR(": user "));
			add_name(&out, stage->user);
		}
		buf_char(&out, '\n');
	}
	return utf8_repair(a, arena_str(a, buf_str(&out)));
}

static void add_user(struct buf *out, const struct change_stage *stage)
{
	body_code(out, stage->user, true);
	if (stage->uid.n == 0 || str_starts(stage->user, stage->uid))
		return;
	buf_printf(out, " (%.*s", STR_ARG(stage->uid));
	if (!str_eq(stage->uid, stage->gid))
		buf_printf(out, ":%.*s", STR_ARG(stage->gid));
	buf_char(out, ')');
}

static void add_row(struct buf *out, const struct change *c, const struct change_stage *stage)
{
	buf_add(out, STR("| "));
	body_code(out, c->path, true);
	buf_add(out, STR(" | "));
	if (stage->name.n)
		body_code(out, stage->name, true);
	else
		buf_add(out, STR("last"));
	buf_add(out, STR(" | "));
	add_user(out, stage);
	buf_add(out, STR(" | "));
	body_plain(out, stage->why.n ? stage->why : c->reasons.n ? c->reasons.at[0] : STR(""));
	buf_add(out, STR(" |\n"));
}

static void add_table(struct buf *out, const struct changes *changes)
{
	size_t rows = 0, left = 0;
	buf_add(out, STR("| file | stage | user | why this one |\n| --- | --- | --- | --- |\n"));
	for (size_t i = 0; i < changes->n; i++)
		for (size_t k = 0; k < changes->at[i].stages.n; k++) {
			if (rows++ < MOST_ROWS)
				add_row(out, &changes->at[i], &changes->at[i].stages.at[k]);
			else
				left++;
		}
	if (left)
		buf_printf(out, "\nand %zu more, see the changes.\n", left);
	for (size_t i = 0; i < changes->n && i < MOST_ROWS; i++)
		for (size_t k = 0; k < changes->at[i].others.n; k++) {
			buf_char(out, '\n');
			body_code(out, changes->at[i].others.at[k], false);
			buf_add(out, STR(" is changed along with "));
			body_code(out, changes->at[i].path, false);
			buf_add(out, STR(".\n"));
		}
}

/* A point of a list: "- `file`: text", or with one file alone "- Text". What is data in `text` was made plain. */
static void add_point(struct buf *out, const struct body_facts *f, const struct change *c, struct str text)
{
	bool lower = text.n > 0 && text.p[0] >= 'a' && text.p[0] <= 'z';
	buf_add(out, STR("- "));
	if (!only(f)) {
		body_code(out, c->path, false);
		buf_add(out, STR(": "));
	} else if (lower) {
		buf_char(out, (char)(text.p[0] - 'a' + 'A'));
		text = str_sub(text, 1, text.n);
	}
	buf_add(out, text);
	buf_char(out, '\n');
}

__attribute__((format(printf, 4, 5))) static void point(struct buf *out, const struct body_facts *f,
							const struct change *c, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	add_point(out, f, c, arena_vprintf(out->arena, format, args));
	va_end(args);
}

/* Data as code and as text, for the texts of points. */
static struct str code(struct buf *out, struct str text)
{
	struct buf b = buf_new(out->arena);
	body_code(&b, text, false);
	return arena_str(out->arena, buf_str(&b));
}

static struct str plain(struct buf *out, struct str text)
{
	struct buf b = buf_new(out->arena);
	body_plain(&b, text);
	return arena_str(out->arena, buf_str(&b));
}

static void add_ports(struct buf *out, const struct body_facts *f, const struct change *c,
		      const struct change_stage *stage)
{
	for (size_t i = 0; i < stage->ports.n; i++) {
		struct change_port port = stage->ports.at[i];
		point(out, f, c,
		      "listens on **%u instead of %u**: publish `-p %u:%u` (compose `\"%u:%u\"`), in Kubernetes "
		      "`containerPort` and `targetPort` %u.",
		      port.to, port.from, port.from, port.to, port.from, port.to, port.to);
	}
}

static void add_volumes(struct buf *out, const struct body_facts *f, const struct change *c,
			const struct change_stage *stage)
{
	if (stage->uid.n == 0)
		return;
	struct str gid = stage->gid.n ? stage->gid : stage->uid;
	for (size_t i = 0; i < stage->volumes.n && i < MOST_VOLUMES; i++)
		point(out, f, c,
		      "volumes that exist already at %.*s belong to root. Once: `docker run --rm -v VOLUME:/v busybox "
		      "chown "
		      "-R %.*s:%.*s /v`",
		      STR_ARG(code(out, stage->volumes.at[i])), STR_ARG(stage->uid), STR_ARG(gid));
}

/* What is told better above. */
static bool is_told(const struct change *c, struct str follow)
{
	bool ports = false, volumes = false;
	for (size_t i = 0; i < c->stages.n; i++) {
		ports = ports || c->stages.at[i].ports.n;
		volumes = volumes || (c->stages.at[i].volumes.n && c->stages.at[i].uid.n);
	}
	return (ports && str_starts(follow, STR("publish with "))) ||
	       (volumes && str_starts(follow, STR("volumes that exist already ")));
}

/* "one thing; another" */
static void add_follow(struct buf *out, const struct body_facts *f, const struct change *c)
{
	for (size_t i = 0; i < c->follow.n; i++) {
		struct str rest = c->follow.at[i];
		while (rest.p) {
			size_t end = str_find(rest, STR("; "), 0);
			struct str one = end == STR_NONE ? rest : str_sub(rest, 0, end);
			rest = end == STR_NONE ? (struct str){0} : str_sub(rest, end + 2, rest.n);
			if (is_told(c, one))
				continue;
			point(out, f, c, "%.*s.", STR_ARG(plain(out, one)));
		}
	}
}

/* With several files the numbers stand in the table. */
static void add_ids(struct buf *out, const struct body_facts *f)
{
	const struct change *c = only(f);
	struct str uid = STR("UID"), gid = STR("GID");
	if (c && c->stages.n && c->stages.at[0].uid.n) {
		uid = c->stages.at[0].uid;
		gid = c->stages.at[0].gid.n ? c->stages.at[0].gid : uid;
	}
	buf_printf(out,
		   "- In Kubernetes, `securityContext: {runAsNonRoot: true, runAsUser: %.*s, runAsGroup: %.*s, "
		   "fsGroup: %.*s}` "
		   "can be set now.\n",
		   STR_ARG(uid), STR_ARG(gid), STR_ARG(gid));
	buf_add(out, STR("- Directories mounted from a host have to be writable for that user where the app writes. "
			 "`user:` in "
			 "compose, `--user` and `runAsUser` still win over the image where they are set.\n"));
}

static void add_deployment(struct buf *out, const struct body_facts *f)
{
	buf_add(out, STR("\n### What has to follow where it is deployed\n\n"));
	for (size_t i = 0; i < f->changes->n && i < MOST_ROWS; i++) {
		const struct change *c = &f->changes->at[i];
		for (size_t k = 0; k < c->stages.n; k++) {
			add_ports(out, f, c, &c->stages.at[k]);
			add_volumes(out, f, c, &c->stages.at[k]);
		}
		add_follow(out, f, c);
	}
	add_ids(out, f);
}

/* The table's own sign of how sure a fact is goes: only sure ones lead here. */
static struct str without_tag(struct str evidence)
{
	size_t end = str_find(evidence, STR("] "), 0);
	return str_starts(evidence, STR("[")) && end != STR_NONE ? str_sub(evidence, end + 2, evidence.n) : evidence;
}

static void add_evidence(struct buf *out, const struct body_facts *f, const struct change *c,
			 const struct change_stage *stage)
{
	if (stage->starts.n && stage->start_why.n)
		point(out, f, c, "starts %.*s: %.*s.", STR_ARG(code(out, stage->starts)),
		      STR_ARG(plain(out, stage->start_why)));
	else if (stage->starts.n)
		point(out, f, c, "starts %.*s, which needs no root.", STR_ARG(code(out, stage->starts)));
	if (stage->evidence.n && stage->base.n)
		point(out, f, c, "what is known of %.*s comes from %.*s.", STR_ARG(code(out, stage->base)),
		      STR_ARG(plain(out, without_tag(stage->evidence))));
}

static void add_verdict(struct buf *out, const struct body_facts *f, const struct change *c)
{
	if (c->verified == CHANGE_VERIFIED)
		point(out, f, c,
		      "`unroot verify` built the old and the new image and ran both: they do the same, the new one "
		      "without "
		      "root.");
	else if (c->verified == CHANGE_NOT_VERIFIED)
		point(out, f, c, "`unroot verify` could not tell (%.*s): your own checks on this request have to.",
		      STR_ARG(plain(out, c->said)));
}

static bool all_unbuilt(const struct changes *changes)
{
	for (size_t i = 0; i < changes->n; i++)
		if (changes->at[i].verified != CHANGE_NOT_BUILT)
			return false;
	return true;
}

static bool any_unsafe(const struct changes *changes)
{
	for (size_t i = 0; i < changes->n; i++)
		if (changes->at[i].least == UNROOT_UNSAFE)
			return true;
	return false;
}

static void add_checks(struct buf *out, const struct body_facts *f)
{
	bool unbuilt = all_unbuilt(f->changes);
	buf_add(out, STR("\n### How this was checked\n\n"));
	if (any_unsafe(f->changes))
		buf_add(out, STR("- **Parts of this rest on facts that are not known** (`--unsafe-fixes`): somebody "
				 "who knows the "
				 "app has to look.\n"));
	else
		buf_add(out, STR("- Only changes that are known to keep the build and the app working were made; where "
				 "a fact is not known, nothing was changed. A second pass over the result finds "
				 "nothing more to do.\n"));
	for (size_t i = 0; i < f->changes->n && i < MOST_ROWS; i++) {
		const struct change *c = &f->changes->at[i];
		for (size_t k = 0; k < c->stages.n; k++)
			add_evidence(out, f, c, &c->stages.at[k]);
		if (!unbuilt)
			add_verdict(out, f, c);
	}
	if (unbuilt)
		buf_add(out, STR("- Nothing was built here: your own checks on this request do that.\n"));
}

static struct str quoted(struct arena *a, struct str s, struct str apostrophe, bool backslash)
{
	struct buf out = buf_new(a);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\'')
			buf_add(&out, apostrophe);
		else
			buf_char(&out, s.p[i]);
		if (backslash && s.p[i] == '\\')
			buf_char(&out, '\\');
	}
	return buf_str(&out);
}

/* One word of a shell: plain where it can be, in $'…' where it cannot be shown as it is. */
static struct str quote(struct arena *a, struct str s)
{
	bool plain = s.n > 0;
	for (size_t i = 0; i < s.n; i++)
		plain = plain && (ascii_alpha(s.p[i]) || ascii_digit(s.p[i]) || strchr("._/-+,=", s.p[i]));
	if (plain)
		return s.p[0] == '-' ? arena_printf(a, "./%.*s", STR_ARG(s)) : s;
	bool as_it_is = str_eq(shown(a, s), s);
	struct str inner = as_it_is ? quoted(a, s, STR("'\\''"), false) : shown(a, quoted(a, s, STR("\\'"), true));
	return arena_printf(a, as_it_is ? "'%.*s'" : "$'%.*s'", STR_ARG(inner));
}

static void add_command(struct buf *out, const struct change *c)
{
	struct str file = quote(out->arena, c->path), context = quote(out->arena, c->context);
	bool shell = c->stages.n > 0 && c->stages.at[0].shell;
	struct str build = arena_printf(out->arena, "$(docker build -q -f %.*s %.*s)", STR_ARG(file), STR_ARG(context));
	struct str command = arena_printf(out->arena,
					  shell ? "docker run --rm --entrypoint id %.*s"
						: "docker inspect -f '{{.Config.User}}' %.*s",
					  STR_ARG(build));
	buf_add(out, STR("\n### Try it\n\n"));
	add_span(out, command, false);
	buf_add(out, shell ? STR(" shows a uid that is not 0.\n")
			   : STR(" shows the user (there is no shell in it to ask).\n"));
}

static struct str rules_of(struct arena *a, const struct changes *changes)
{
	struct texts all = {0};
	struct buf out = buf_new(a);
	for (size_t i = 0; i < changes->n; i++)
		for (size_t k = 0; k < changes->at[i].rules.n; k++)
			texts_add(a, &all, changes->at[i].rules.at[k]);
	for (size_t i = 0; i < all.n; i++) {
		buf_add(&out, i ? STR(",") : STR(""));
		buf_add(&out, all.at[i]);
	}
	return arena_str(a, buf_str(&out));
}

static void add_ending(struct buf *out, struct str rules)
{
	struct str first = STR("run-as-root");
	if (!str_in_list(rules, first))
		str_split(&rules, ',', &first);
	buf_printf(out,
		   "\n### Not wanted?\n\n"
		   "One rule: `# unroot ignore=%.*s # why` above the instruction, or `ignore: [%.*s]` in "
		   "`.unroot.yaml`. A file: "
		   "`exclude: [PATH]` there; all: `exclude: [\"*\"]`. Or close this: it stays closed unless the change "
		   "becomes "
		   "another one.\n\nMade by [unroot](https://github.com/unroot/unroot); `unroot fix` makes the same "
		   "change in a checkout.\n\n",
		   STR_ARG(first), STR_ARG(first));
}

struct str body_text(struct arena *a, const struct body_facts *f)
{
	struct buf out = buf_new(a);
	struct str rules = rules_of(a, f->changes);
	buf_add(&out, only(f) ? STR("This image runs as root: whoever breaks into the app is root in the container. "
				    "With this "
				    "change it runs as an ordinary user; the rest of the file keeps every byte.\n\n")
			      : STR("These images run as root: whoever breaks into an app is root in its container. "
				    "With this "
				    "change they run as ordinary users; the rest of the files keeps every byte.\n\n"));
	add_table(&out, f->changes);
	add_deployment(&out, f);
	add_checks(&out, f);
	add_command(&out, &f->changes->at[0]);
	for (out.n = out.n < LONGEST ? out.n : LONGEST; out.p[out.n - 1] != '\n';)
		out.n--;
	add_ending(&out, rules);
	mark_write(&out, &(struct mark){.hash = f->hash}, rules);
	buf_char(&out, '\n');
	return utf8_repair(a, arena_str(a, buf_str(&out)));
}

struct str body_obsolete(struct arena *a, struct str body)
{
	struct mark mark;
	struct buf out = buf_new(a);
	size_t end = str_find(body, STR("<!-- unroot-bot "), 0);
	bool marked = mark_read(body, &mark);
	buf_add(&out, STR("_Closed by itself: the default branch needs this change no more._\n\n"));
	buf_add(&out, end == STR_NONE ? body : str_sub(body, 0, end));
	if (marked) {
		mark.obsolete = true;
		mark_write(&out, &mark, STR(""));
		buf_char(&out, '\n');
	}
	return arena_str(a, buf_str(&out));
}

/* "type(scope)!: text" */
static bool is_conventional(struct str subject)
{
	size_t i = 0;
	while (i < subject.n && subject.p[i] >= 'a' && subject.p[i] <= 'z')
		i++;
	if (i == 0)
		return false;
	if (i < subject.n && subject.p[i] == '(') {
		i = str_find_char(subject, ')', i);
		if (i == STR_NONE)
			return false;
		i++;
	}
	if (i < subject.n && subject.p[i] == '!')
		i++;
	return i + 1 < subject.n && subject.p[i] == ':' && subject.p[i + 1] == ' ';
}

bool body_is_conventional(struct str subjects)
{
	struct str line;
	size_t n = 0, conventional = 0;
	while (str_split(&subjects, '\n', &line)) {
		n += line.n > 0;
		conventional += is_conventional(line);
	}
	return n > 0 && 2 * conventional >= n;
}
