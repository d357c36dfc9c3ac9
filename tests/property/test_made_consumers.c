/* Compose files and manifests that are made at random, each together with what has to become of it: all places that
 * name the port move and no other byte changes, or nothing moves where one of them cannot. Then the same for every YAML
 * file of the golden cases: edits change digits alone, and what they leave loads as before but for them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "project/yaml_nodes.h"
#include "support/fixture.h"
#include "support/support.h"
#include "unroot/unroot.h"

enum { ROUNDS = 1500, UNKNOWN = 0, NO = 1, A_FILE = 2 };

/* One file, and what becomes of it. */
struct pair {
	struct random *random;
	struct buf before, after;
	const char *eol;
	bool stuck; /* it holds a place that cannot move */
};

static void both(struct pair *p, const char *text)
{
	for (; *text; text++) {
		struct str piece = *text == '\n' ? str_of(p->eol) : (struct str){text, 1};
		buf_add(&p->before, piece);
		buf_add(&p->after, piece);
	}
}

static void differ(struct pair *p, const char *before, const char *after)
{
	buf_add(&p->before, str_of(before));
	buf_add(&p->after, str_of(after));
}

static bool one_in(struct pair *p, size_t n)
{
	return random_one_in(p->random, n);
}

static const char *any(struct pair *p, const char *const *texts, size_t n)
{
	return texts[random_below(p->random, n)];
}
#define ANY(p, ...) any((p), (const char *const[]){__VA_ARGS__}, sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *))

static void end_line(struct pair *p)
{
	both(p, ANY(p, "\n", "\n", "\n", " # 80\n", "   # é 80:80\n", "\n\n", "\n# 80\n"));
}

static void quoted(struct pair *p, const char *quote, const char *head, const char *from, const char *to,
		   const char *tail)
{
	both(p, quote);
	both(p, head);
	differ(p, from, to);
	both(p, tail);
	both(p, quote);
}

static void short_port(struct pair *p)
{
	const char *quote = ANY(p, "\"", "'"),
		   *host = ANY(p, "", "80:", "8000:", "127.0.0.1:81:", "[::1]:80:", "${P:-80}:", ":");
	if (one_in(p, 40)) {
		p->stuck = true;
		quoted(p, quote, ANY(p, "79-80:79-80", "80:${PORT}", "${PORT-80}", "80-81"), "", "", "");
	} else if (one_in(p, 4)) {
		quoted(p, quote, ANY(p, "80:80/udp", "53:53/udp", "80:8000", "443:8443", "1080:1080"), "", "", "");
	} else {
		quoted(p, (*host && strchr("[$:", *host)) || one_in(p, 2) ? quote : "", host, "80", "8080",
		       ANY(p, "", "/tcp"));
	}
}

static void long_port(struct pair *p, const char *indent)
{
	if (one_in(p, 2)) {
		both(p, "{target: ");
		quoted(p, ANY(p, "", "\""), "", "80", "8080", "");
		both(p, ANY(p, ", published: 80}", "}", ", protocol: tcp}"));
		return;
	}
	both(p, ANY(p, "published: 80", "published: \"80\"", "name: web"));
	both(p, "\n");
	both(p, indent);
	both(p, "  ");
	both(p, "target: ");
	if (one_in(p, 4))
		both(p, "80\n"), both(p, indent), both(p, "  protocol: udp");
	else
		differ(p, "80", "8080");
}

static void ports(struct pair *p, const char *in)
{
	both(p, in);
	both(p, "ports:");
	if (one_in(p, 3)) {
		both(p, " [");
		short_port(p);
		for (size_t n = random_below(p->random, 3); n > 0; n--)
			both(p, ", "), short_port(p);
		both(p, "]");
		end_line(p);
		return;
	}
	end_line(p);
	for (size_t n = 1 + random_below(p->random, 3); n > 0; n--) {
		both(p, in);
		both(p, "- ");
		if (one_in(p, 3))
			long_port(p, in);
		else
			short_port(p);
		end_line(p);
	}
}

static void environment(struct pair *p, const char *in)
{
	bool list = one_in(p, 2);
	both(p, in);
	both(p, ANY(p, "environment:", "labels:"));
	end_line(p);
	both(p, in);
	both(p, list ? "- VIRTUAL_PORT=" : "  VIRTUAL_PORT: ");
	if (one_in(p, 25)) {
		p->stuck = true;
		both(p, "${PORT}");
	} else {
		quoted(p, list ? "" : ANY(p, "", "\"", "'"), "", "80", "8080", "");
	}
	end_line(p);
	both(p, in);
	both(p, list ? "- BACKEND_PORT=80" : "  BACKEND_PORT: 80");
	end_line(p);
}

static void healthcheck(struct pair *p, const char *in)
{
	both(p, in);
	both(p, "healthcheck:\n");
	both(p, in);
	if (one_in(p, 25)) {
		p->stuck = true;
		both(p, "  test: ask 80");
	} else if (one_in(p, 2)) {
		both(p, "  test: [CMD, curl, -f, ");
		quoted(p, ANY(p, "\"", "'"), "http://localhost", ANY(p, ":80", ""), ":8080",
		       ANY(p, "", "/", "/a?b=8080"));
		both(p, "]");
	} else {
		both(p, "  test: curl http://127.0.0.1:");
		differ(p, "80", "8080");
	}
	end_line(p);
}

static void own_service(struct pair *p, const char *in)
{
	both(p, in);
	both(p, ANY(p, "build: .", "build: {context: ./}", "build: {dockerfile: Dockerfile}"));
	end_line(p);
	both(p, in);
	both(p, "image: example/web:80");
	end_line(p);
	if (one_in(p, 2))
		ports(p, in);
	if (one_in(p, 2)) {
		both(p, in);
		both(p, "expose: [");
		quoted(p, ANY(p, "", "\""), "", "80", "8080", "");
		both(p, ", 81]");
		end_line(p);
	}
	if (one_in(p, 2))
		environment(p, in);
	if (one_in(p, 3))
		healthcheck(p, in);
}

static void other_service(struct pair *p, const char *in)
{
	both(p, in);
	both(p, "image: caddy");
	end_line(p);
	both(p, in);
	both(p, "ports: [\"80:80\"]");
	end_line(p);
	both(p, in);
	both(p, "environment:\n");
	if (one_in(p, 2)) {
		both(p, in);
		both(p, "  <<: *shared");
		end_line(p);
	}
	both(p, in);
	both(p, "  URL: ");
	if (one_in(p, 3))
		both(p, ANY(p, "http://website/", "http://web.example.org:80", "web80", "http://web:8000/",
			    "https://web/"));
	else
		quoted(p, ANY(p, "", "'", "\""), ANY(p, "http://web", "ws://web", "http://user@web"), ANY(p, ":80", ""),
		       ":8080", ANY(p, "", "/", "/80"));
	end_line(p);
}

static void make_compose(struct pair *p)
{
	static const char *const indents[] = {"    ", "        "};
	size_t wide = random_below(p->random, 2);
	const char *in = indents[wide], *name = wide ? "    " : "  ";
	bool own_first = one_in(p, 2);
	both(p, one_in(p, 5) ? "\xEF\xBB\xBF" : "");
	both(p, "x-shared: &shared\n  SHARED: http://web");
	differ(p, ANY(p, ":80", ""), ":8080");
	both(p, "\nservices:");
	end_line(p);
	for (int i = 0; i < 2; i++) {
		bool own = (i == 0) == own_first;
		both(p, name);
		both(p, own ? ANY(p, "web:", "\"web\":", "web: &web") : "other:");
		end_line(p);
		if (own)
			own_service(p, in);
		else
			other_service(p, in);
	}
}

static void make_manifest(struct pair *p)
{
	both(p, "kind: Pod\nmetadata: {labels: {app: web}}\nspec:\n  containers:\n");
	both(p, "    - image: example/web@sha256:80\n      ports:\n        - containerPort: ");
	differ(p, "80", "8080");
	end_line(p);
	if (one_in(p, 2)) {
		both(p, "      readinessProbe: {httpGet: {path: /80, port: ");
		differ(p, "80", "8080");
		both(p, "}}");
		end_line(p);
	}
	if (one_in(p, 30)) {
		p->stuck = true;
		both(p, "    - {image: example/unclear, ports: [{containerPort: 80}]}\n");
	}
	both(p, "---\nkind: Service\nspec:\n  selector: {app: web}\n  ports:\n    - port: 80\n      targetPort: ");
	quoted(p, ANY(p, "", "\""), "", "80", "8080", "");
	end_line(p);
}

struct files {
	struct {
		const char *path;
		struct str text;
	} at[2];
};

static int give_stat(void *ctx, const char *path, unsigned *mode)
{
	(void)ctx;
	(void)path;
	*mode = 0644;
	return NO;
}

static int give_read(void *ctx, const char *path, const char **bytes, size_t *length)
{
	const struct files *f = ctx;
	for (size_t i = 0; i < 2; i++)
		if (strcmp(f->at[i].path, path) == 0) {
			*bytes = f->at[i].text.p;
			*length = f->at[i].text.n;
			return A_FILE;
		}
	return NO;
}

static const char *const *give_consumers(void *ctx, const char **directory)
{
	static const char *const paths[] = {"compose.yaml", "k8s.yaml", NULL};
	(void)ctx;
	*directory = "";
	return paths;
}

static int give_yaml(void *ctx, const char *bytes, size_t length, const unroot_yaml_node **nodes, size_t *count,
		     unroot_error *error)
{
	(void)ctx;
	return yaml_nodes(&arena, (struct str){bytes, length}, nodes, count, error);
}

static bool same_but_digits(struct str a, struct str b)
{
	size_t i = 0, k = 0;
	for (;;) {
		while (i < a.n && (ascii_digit(a.p[i]) || a.p[i] == ':'))
			i++;
		while (k < b.n && (ascii_digit(b.p[k]) || b.p[k] == ':'))
			k++;
		if (i == a.n || k == b.n)
			return i == a.n && k == b.n;
		if (a.p[i++] != b.p[k++])
			return false;
	}
}

/* Both load, and to the same but for digits and colons in scalars. */
static void assert_loads_alike(struct str before, struct str after)
{
	const unroot_yaml_node *a, *b;
	size_t n, m;
	unroot_error error;
	assert_int_equal(yaml_nodes(&arena, before, &a, &n, &error), 0);
	assert_int_equal(yaml_nodes(&arena, after, &b, &m, &error), 0);
	assert_int_equal(n, m);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(a[i].kind, b[i].kind);
		assert_int_equal(a[i].parent, b[i].parent);
		assert_int_equal(a[i].target, b[i].target);
		assert_true(str_eq((struct str){a[i].key, a[i].key_length}, (struct str){b[i].key, b[i].key_length}));
		assert_true(same_but_digits((struct str){a[i].value, a[i].value_length},
					    (struct str){b[i].value, b[i].value_length}));
	}
}

static void check(struct str what, const char *path, struct str got, struct str expected, struct str before)
{
	if (!str_eq(got, expected))
		fail_msg("%.*s: %s of\n%.*s\nbecame\n%.*s\nnot\n%.*s", STR_ARG(what), path, STR_ARG(before),
			 STR_ARG(got), STR_ARG(expected));
	assert_loads_alike(before, got);
}

static const char dockerfile[] = "FROM python:3.12-slim\nEXPOSE 80\nCMD [\"gunicorn\", \"-b\", \":80\", \"app:app\"]\n";

static struct str text_after(const unroot_report *report, const char *path, struct str before)
{
	size_t n;
	const unroot_file *files = unroot_files(report, &n);
	for (size_t i = 0; i < n; i++)
		if (strcmp(files[i].path, path) == 0)
			return (struct str){files[i].fixed, files[i].fixed_length};
	return before;
}

static void one_round(unroot_engine *engine, struct random *random, size_t round)
{
	struct pair pairs[2];
	struct files files;
	unroot_report *report;
	unroot_error error;
	static const char *const paths[] = {"compose.yaml", "k8s.yaml"};
	unroot_provider provider = {
		.ctx = &files, .stat = give_stat, .read = give_read, .consumers = give_consumers, .yaml = give_yaml};
	for (size_t i = 0; i < 2; i++) {
		pairs[i] = (struct pair){.random = random,
					 .before = buf_new(&arena),
					 .after = buf_new(&arena),
					 .eol = random_one_in(random, 4) ? "\r\n" : "\n"};
		if (i == 0)
			make_compose(&pairs[i]);
		else
			make_manifest(&pairs[i]);
		files.at[i].path = paths[i];
		files.at[i].text = buf_str(&pairs[i].before);
	}
	bool stuck = pairs[0].stuck || pairs[1].stuck;
	struct str what = arena_printf(&arena, "round %zu%s", round, stuck ? " (nothing may move)" : "");
	assert_int_equal(
		unroot_run(&report, engine, "Dockerfile", dockerfile, sizeof dockerfile - 1, &provider, &error), 0);
	for (size_t i = 0; i < 2; i++) {
		struct str before = buf_str(&pairs[i].before), after = buf_str(&pairs[i].after);
		check(what, paths[i], text_after(report, paths[i], before), stuck ? before : after, before);
	}
	struct str text = {dockerfile, sizeof dockerfile - 1};
	assert_int_equal(str_eq(text_after(report, "Dockerfile", text), text), stuck);
	unroot_report_free(report);
}

static void made_files(void **state)
{
	struct random random = {20261122};
	unroot_engine *engine;
	unroot_error error;
	(void)state;
	assert_int_equal(unroot_engine_new(&engine, NULL, &error), 0);
	for (size_t i = 0; i < ROUNDS; i++) {
		one_round(engine, &random, i);
		arena_reset(&arena);
	}
	unroot_engine_free(engine);
}

/* Kept by hand: golden/<rule>/<case>/context/…, and expected-context/… where a fix changes it. */
static void golden_files(void **state)
{
	struct paths paths = {0};
	size_t compared = 0;
	(void)state;
	paths_below(&arena, UNROOT_GOLDEN, "ml", &paths);
	for (size_t i = 0; i < paths.n; i++) {
		size_t at = str_find(str_of(paths.at[i]), STR("/expected-context/"), 0);
		if (at == STR_NONE || str_find(str_of(paths.at[i]), STR("service-without-target"), 0) != STR_NONE)
			continue; /* that one gets a new key */
		const char *before = arena_printf(&arena, "%.*s/context/%s", (int)at, paths.at[i],
						  paths.at[i] + at + strlen("/expected-context/"))
					     .p;
		assert_loads_alike(file_bytes(&arena, before), file_bytes(&arena, paths.at[i]));
		compared++;
	}
	assert_true(compared > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(made_files, arena_set_up, arena_tear_down),
		cmocka_unit_test_setup_teardown(golden_files, arena_set_up, arena_tear_down)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
