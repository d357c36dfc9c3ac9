#include "golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "api/engine_run.h"

static bool updating(void)
{
	const char *update = getenv("UPDATE_GOLDEN");
	const char *ci = getenv("CI");
	return update && *update && strcmp(update, "0") != 0 && !(ci && *ci);
}

void assert_same(struct arena *a, const char *what, struct str actual, struct str expected)
{
	if (str_eq(actual, expected))
		return;
	const char *scratch = scratch_new(a);
	file_put(arena_printf(a, "%s/expected", scratch).p, expected);
	file_put(arena_printf(a, "%s/actual", scratch).p, actual);
	run_program(scratch, (const char *const[]){"diff", "-u", "-a", "expected", "actual", NULL}, 0);
	scratch_remove(scratch);
	fail_msg("%s: not as expected", what);
}

/* One run over a text. */
struct result {
	unroot_engine *engine;
	unroot_report *report;
	unroot_error error;
	int code;
	struct str text;	   /* after the fixes */
	const unroot_file *others; /* changed files besides the Dockerfile */
	size_t nothers;
	struct str findings;
};

static const char *class_name(unroot_class cls)
{
	switch (cls) {
	case UNROOT_DISPLAY:
		return "display";
	case UNROOT_UNSAFE:
		return "unsafe";
	case UNROOT_INTERFACE:
		return "interface";
	case UNROOT_SAFE:
		return "safe";
	}
	return "?";
}

static struct str list_findings(struct arena *a, const struct result *r)
{
	struct buf out = buf_new(a);
	size_t n;
	if (r->code != 0) {
		buf_printf(&out, "error %u %s\n", r->error.line, r->error.message);
		return buf_str(&out);
	}
	const unroot_finding *findings = unroot_findings(r->report, &n);
	for (size_t i = 0; i < n; i++)
		buf_printf(&out, "%u %s %s\n", findings[i].line, findings[i].rule, class_name(findings[i].cls));
	return buf_str(&out);
}

/* Looking once names the same files, and finds as much. */
static void check_judged(const struct golden *g, const struct result *r, struct str bytes, const unroot_provider *provider)
{
	unroot_report *once = NULL;
	size_t n, changed, found, judged;
	const unroot_file *files = unroot_files(r->report, &n);
	unroot_findings(r->report, &found);
	if (engine_judge(&once, r->engine, "Dockerfile", bytes, provider, NULL) != 0)
		fail_msg("%s: looking once fails", g->name);
	const unroot_file *same = unroot_files(once, &changed);
	unroot_findings(once, &judged);
	if (changed != n || judged != found)
		fail_msg("%s: looking once changes %zu files instead of %zu", g->name, changed, n);
	for (size_t i = 0; i < n; i++)
		if (strcmp(files[i].path, same[i].path) != 0)
			fail_msg("%s: looking once changes %s instead of %s", g->name, same[i].path, files[i].path);
	unroot_report_free(once);
}

static struct result run(const struct golden *g, struct str bytes, const unroot_provider *provider)
{
	struct result r = {.text = bytes};
	if (unroot_engine_new(&r.engine, &g->options, &r.error) != 0)
		fail_msg("%s: %s", g->name, r.error.message);
	r.code = unroot_run(&r.report, r.engine, "Dockerfile", bytes.p, bytes.n, provider, &r.error);
	if (r.code != 0 && r.code != UNROOT_ESYNTAX)
		fail_msg("%s: %s", g->name, r.error.message);
	if (r.code == 0) {
		check_judged(g, &r, bytes, provider);
		r.others = unroot_files(r.report, &r.nothers);
		if (r.nothers && strcmp(r.others[0].path, "Dockerfile") == 0) {
			r.text = (struct str){r.others[0].fixed, r.others[0].fixed_length};
			r.others++;
			r.nothers--;
		}
	}
	r.findings = list_findings(g->arena, &r);
	return r;
}

static void result_free(struct result *r)
{
	unroot_report_free(r->report);
	unroot_engine_free(r->engine);
}

/* The text of a file that belongs to the case, or `otherwise` where there is none. */
static struct str case_file(const struct golden *g, const char *name, struct str otherwise)
{
	const char *path = arena_printf(g->arena, "%s/%s", g->folder, name).p;
	return path_exists(path) ? file_bytes(g->arena, path) : otherwise;
}

static bool is_directive(struct str comment)
{
	static const char *const keys[] = {"syntax", "escape", "check"};
	size_t equals = str_find_char(comment, '=', 0);
	if (equals == STR_NONE)
		return false;
	struct str key = str_trim(str_sub(comment, 0, equals));
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (str_eq_nocase(key, str_of(keys[i])))
			return true;
	return false;
}

/* The first line says why the case exists; only directives, which have to come first, may stand above. */
static bool says_why(struct str text)
{
	struct str line;
	if (str_starts(text, STR("\xEF\xBB\xBF")))
		text = str_sub(text, 3, text.n);
	while (str_split(&text, '\n', &line)) {
		line = str_trim(line);
		if (!str_starts(line, STR("#")))
			return false;
		line = str_trim(str_sub(line, 1, line.n));
		if (!is_directive(line))
			return line.n >= 10;
	}
	return false;
}

static void put_or_remove(const char *path, struct str text, bool keep)
{
	if (keep)
		file_put(path, text);
	else
		remove(path);
}

static void update(const struct golden *g, struct str input, const struct result *r)
{
	put_or_remove(arena_printf(g->arena, "%s/expected", g->folder).p, r->text, !str_eq(r->text, input));
	put_or_remove(arena_printf(g->arena, "%s/findings", g->folder).p, r->findings, r->findings.n > 0);
	for (size_t i = 0; i < r->nothers; i++)
		file_put(arena_printf(g->arena, "%s/expected-context/%s", g->folder, r->others[i].path).p,
			 (struct str){r->others[i].fixed, r->others[i].fixed_length});
}

static void check_others(const struct golden *g, const struct result *r)
{
	struct paths expected = {0};
	const char *folder = arena_printf(g->arena, "%s/expected-context", g->folder).p;
	if (path_exists(folder))
		paths_below(g->arena, folder, "", &expected);
	for (size_t i = 0; i < r->nothers; i++) {
		const unroot_file *file = &r->others[i];
		const char *name = arena_printf(g->arena, "expected-context/%s", file->path).p;
		struct str original = {file->original, file->original_length};
		assert_same(g->arena, arena_printf(g->arena, "%s: %s", g->name, file->path).p,
			    (struct str){file->fixed, file->fixed_length}, case_file(g, name, original));
	}
	assert_int_equal(r->nothers, expected.n);
}

static void check_findings(const struct golden *g, const char *when, const struct result *r)
{
	struct str expected = case_file(g, "findings", r->findings);
	assert_same(g->arena, arena_printf(g->arena, "%s: findings%s", g->name, when).p, r->findings, expected);
}

static void check_second_run(const struct golden *g, const struct result *first, struct context *context,
			     const unroot_provider *provider)
{
	context->changed = first->others;
	context->nchanged = first->nothers;
	struct result second = run(g, first->text, provider);
	assert_int_equal(second.code, 0);
	assert_same(g->arena, arena_printf(g->arena, "%s: second run", g->name).p, second.text, first->text);
	assert_int_equal(second.nothers, 0);
	context->nchanged = 0;
	result_free(&second);
}

static void check_crlf(const struct golden *g, struct str input, struct str expected, const unroot_provider *provider)
{
	struct result r = run(g, with_crlf(g->arena, input), provider);
	assert_same(g->arena, arena_printf(g->arena, "%s: with CRLF", g->name).p, r.text,
		    with_crlf(g->arena, expected));
	check_findings(g, " with CRLF", &r);
	result_free(&r);
}

static void check_case(void **state)
{
	struct golden *g = *state;
	struct str input = file_bytes(g->arena, g->dockerfile), unknown;
	struct context context = {.arena = g->arena, .root = arena_printf(g->arena, "%s/context", g->folder).p};
	unroot_provider of_context = context_provider(&context);
	const unroot_provider *provider = path_exists(context.root) ? &of_context : NULL;

	if (!says_why(input))
		fail_msg("%s: a comment at the head of the file has to say why the case exists", g->name);
	if (!golden_options(g, &unknown))
		fail_msg("%s/args: unknown option %.*s", g->name, STR_ARG(unknown));

	struct result r = run(g, input, provider);
	if (updating())
		update(g, input, &r);
	struct str expected = case_file(g, "expected", input);
	assert_same(g->arena, g->name, r.text, expected);
	check_findings(g, "", &r);
	check_others(g, &r);
	if (r.code == 0 && g->settles)
		check_second_run(g, &r, &context, provider);
	if (g->crlf && str_find_char(input, '\r', 0) == STR_NONE)
		check_crlf(g, input, expected, provider);
	result_free(&r);
}

static void add_case(struct arena *a, const char *golden, const char *rule, const char *name, struct paths *folders)
{
	const char *folder = arena_printf(a, "%s/%s/%s", golden, rule, name).p;
	if (path_exists(arena_printf(a, "%s/.", folder).p))
		*VEC_PUSH(a, *folders) = folder;
}

static void find_cases(struct arena *a, const char *golden, struct paths *folders)
{
	struct paths rules = {0};
	if (path_exists(golden))
		names_in(a, golden, &rules);
	for (size_t i = 0; i < rules.n; i++) {
		struct paths cases = {0};
		const char *folder = arena_printf(a, "%s/%s", golden, rules.at[i]).p;
		if (!path_exists(arena_printf(a, "%s/.", folder).p))
			continue;
		names_in(a, folder, &cases);
		for (size_t c = 0; c < cases.n; c++)
			add_case(a, golden, rules.at[i], cases.at[c], folders);
	}
}

static struct golden *open_case(struct arena *a, const char *golden, const char *folder)
{
	struct golden *g = ARENA_NEW(a, struct golden);
	const char *container = arena_printf(a, "%s/Containerfile", folder).p;
	*g = (struct golden){
		.arena = a, .folder = folder, .name = folder + strlen(golden) + 1, .settles = true, .crlf = true};
	g->dockerfile = path_exists(container) ? container : arena_printf(a, "%s/Dockerfile", folder).p;
	return g;
}

/* test_golden [FOLDER [PART-OF-A-NAME]] */
int main(int argc, char **argv)
{
	struct arena a;
	const char *golden = argc > 1 ? argv[1] : UNROOT_GOLDEN;
	struct paths folders = {0};
	size_t n = 0;
	arena_init(&a, NULL, 0);
	find_cases(&a, golden, &folders);
	struct CMUnitTest *tests = ARENA_ARRAY(&a, struct CMUnitTest, folders.n + 1);
	for (size_t i = 0; i < folders.n; i++) {
		struct golden *g = open_case(&a, golden, folders.at[i]);
		if (argc <= 2 || strstr(g->name, argv[2]))
			tests[n++] = (struct CMUnitTest){.name = g->name, .test_func = check_case, .initial_state = g};
	}
	int failed = n ? _cmocka_run_group_tests("golden", tests, n, NULL, NULL) : 0;
	printf("%zu cases\n", n);
	arena_free(&a);
	return failed;
}
