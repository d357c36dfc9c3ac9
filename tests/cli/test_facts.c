/* unroot facts: every fact with its value, its reason and its place. */
#include "cli.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const char sample[] = "ARG V=3.12\n"
			     "FROM python:${V}-slim AS base\n"
			     "WORKDIR /app\n"
			     "RUN useradd -u 1500 -d /home/web web\n"
			     "\n"
			     "FROM base AS web\n"
			     "ARG TOKEN\n"
			     "ENV MODE=prod KEY=$TOKEN\n"
			     "COPY . src/\n"
			     "EXPOSE 8000-8001/udp\n"
			     "VOLUME data\n"
			     "CMD [\"python\", \"app.py\"]\n"
			     "\n"
			     "FROM alpine:3.20 AS other\n"
			     "USER nobody\n"
			     "CMD [\"true\"]\n";

static json_t *parse(const char *text)
{
	json_error_t error;
	json_t *value = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	if (!value)
		fail_msg("%s in:\n%s", error.text, text);
	return value;
}

/* The value at a path of keys and indexes: "targets.0.users.1". */
static json_t *at(json_t *value, const char *path)
{
	const char *all = path;
	while (value && *path) {
		char key[64];
		size_t n = strcspn(path, ".");
		assert_true(n < sizeof key);
		memcpy(key, path, n);
		key[n] = '\0';
		value = json_is_array(value) ? json_array_get(value, strtoul(key, NULL, 10)) : json_object_get(value, key);
		path += path[n] ? n + 1 : n;
	}
	if (!value)
		fail_msg("no %s", all);
	return value;
}

static void assert_text(json_t *value, const char *path, const char *text)
{
	const char *have = json_string_value(at(value, path));
	if (!have || strcmp(have, text) != 0)
		fail_msg("%s is %s, not %s", path, have ? have : "no text", text);
}

static void assert_number(json_t *value, const char *path, json_int_t number)
{
	assert_int_equal(json_integer_value(at(value, path)), number);
}

/* The text that a fact's place covers. */
static void assert_place(json_t *fact, const char *text)
{
	size_t start = (size_t)json_integer_value(at(fact, "at.start")), end = (size_t)json_integer_value(at(fact, "at.end"));
	assert_int_equal(end - start, strlen(text));
	assert_memory_equal(sample + start, text, end - start);
}

static json_t *facts(const char *arguments)
{
	put("Dockerfile", sample);
	struct outcome o = unroot(arguments);
	assert_int_equal(o.code, 0);
	assert_string_equal(o.err, "");
	assert_lines(o.out, 1);
	return parse(o.out);
}

static void stages_and_image(void **state)
{
	(void)state;
	json_t *all = facts("facts --target web Dockerfile");
	assert_number(all, "schema", 1);
	assert_text(all, "path", "Dockerfile");
	assert_text(all, "stages.0.base.value", "python:3.12-slim");
	assert_text(all, "stages.0.base.written", "python:${V}-slim");
	assert_place(at(all, "stages.0.base"), "python:${V}-slim");
	assert_number(all, "stages.1.parent", 0);
	assert_true(json_is_null(at(all, "stages.2.parent")));
	json_t *target = at(all, "targets.0");
	assert_number(target, "stage", 1);
	assert_number(target, "chain.0", 0);
	assert_number(target, "chain.1", 1);
	assert_text(target, "family.value", "debian");
	assert_text(target, "image.family", "debian");
	assert_text(target, "image.default_user.value", "root");
	assert_text(target, "effective_user.kind", "root");
	assert_place(at(target, "effective_user"), "python:${V}-slim");
	assert_text(target, "purpose.value", "application");
	json_decref(all);
}

static void steps_and_paths(void **state)
{
	(void)state;
	json_t *all = facts("facts --target web Dockerfile"), *target = at(all, "targets.0");
	assert_text(target, "workdirs.1.value", "/app");
	assert_place(at(target, "workdirs.1"), "WORKDIR /app");
	assert_text(target, "accounts.users.0.name", "web");
	assert_number(target, "accounts.users.0.uid", 1500);
	assert_text(target, "accounts.users.0.home", "/home/web");
	assert_text(target, "runs.0.flags.0", "needs_root");
	assert_text(target, "copies.0.dest.value", "/app/src");
	assert_text(target, "copies.0.sources.0.path", ".");
	assert_place(at(target, "copies.0"), "COPY . src/");
	assert_number(target, "exposes.0.port", 8000);
	assert_number(target, "exposes.0.last", 8001);
	assert_text(target, "exposes.0.protocol", "udp");
	assert_text(target, "volumes.0.value", "/app/data");
	assert_text(target, "start.verdict", "runs");
	assert_text(target, "start.program", "python");
	assert_place(at(target, "start.words.1"), "app.py");
	assert_text(target, "cmd.value", "CMD [\"python\", \"app.py\"]");
	assert_true(json_is_true(at(target, "plan.wanted")));
	assert_place(at(target, "plan.chown_copies.0"), "COPY . src/");
	assert_text(target, "plan.owner.user", "web");
	json_decref(all);
}

static json_t *variable(json_t *list, const char *name)
{
	size_t i;
	json_t *one;
	json_array_foreach(list, i, one)
		if (strcmp(json_string_value(json_object_get(one, "name")), name) == 0)
			return one;
	fail_msg("no variable %s", name);
	return NULL;
}

static void variables(void **state)
{
	(void)state;
	json_t *all = facts("facts --target web Dockerfile");
	json_t *env = at(all, "targets.0.env"), *args = at(all, "targets.0.args");
	assert_text(variable(env, "MODE"), "value", "prod");
	assert_place(variable(env, "MODE"), "prod");
	assert_true(json_is_false(at(variable(env, "KEY"), "known")));
	assert_true(json_is_null(at(variable(env, "KEY"), "value")));
	assert_true(json_is_false(at(variable(args, "TOKEN"), "known")));
	json_decref(all);
	all = facts("facts --target web --build-arg TOKEN=x --build-arg V=3.11 Dockerfile");
	assert_text(variable(at(all, "targets.0.env"), "KEY"), "value", "x");
	assert_text(all, "targets.0.image_name.value", "python:3.11-slim");
	json_decref(all);
}

static void targets(void **state)
{
	(void)state;
	json_t *all = facts("facts Dockerfile");
	assert_int_equal(json_array_size(at(all, "targets")), 1);
	assert_text(all, "targets.0.effective_user.value", "nobody");
	assert_true(json_is_false(at(all, "targets.0.plan.wanted")));
	assert_true(json_is_null(at(all, "targets.0.plan.class")));
	json_decref(all);
	all = facts("facts --all-targets Dockerfile");
	assert_int_equal(json_array_size(at(all, "targets")), 2);
	assert_number(all, "targets.0.stage", 1);
	assert_number(all, "targets.1.stage", 2);
	json_decref(all);
}

static void context_is_read(void **state)
{
	(void)state;
	put("Dockerfile", "FROM mine:1\nCOPY start.sh /start.sh\nENTRYPOINT [\"/start.sh\"]\n");
	put("start.sh", "#!/bin/sh\nexec node server.js\n");
	json_t *all = parse(unroot("facts Dockerfile").out);
	assert_text(all, "targets.0.start.scripts.0.path", "start.sh");
	assert_text(all, "targets.0.start.verdict", "runs");
	assert_true(json_is_null(at(all, "targets.0.image")));
	assert_true(json_is_false(at(all, "targets.0.family.known")));
	json_decref(all);
	/* Standard input has no files around it. */
	all = parse(shell("$U facts - < Dockerfile").out);
	assert_text(all, "targets.0.start.verdict", "unknown");
	json_decref(all);
}

static void text(void **state)
{
	(void)state;
	put("Dockerfile", sample);
	struct outcome o = unroot("facts --output-format text --target web Dockerfile");
	assert_int_equal(o.code, 0);
	assert_holds(o.out, "Dockerfile: stage web (line 6)\n  It runs as root (image python:3.12-slim).\n");
	assert_holds(o.out, "  It starts python (every program does its work as any user; line 12).\n");
	assert_holds(o.out, "  The value of TOKEN is not known (");
	assert_holds(o.out, "  It makes the account web, uid 1500 (useradd, line 4).\n");
}

static void bytes_that_are_not_utf8(void **state)
{
	(void)state;
	put("Dockerfile", "FROM scratch\nCOPY a /\xff\n");
	json_t *all = parse(unroot("facts Dockerfile").out);
	assert_text(all, "targets.0.copies.0.dest.value_base64", "L/8=");
	json_decref(all);
}

static void failures(void **state)
{
	(void)state;
	put("Dockerfile", sample);
	put_refused("bad");
	assert_int_equal(unroot("facts").code, 2);
	assert_int_equal(unroot("facts --output-format concise Dockerfile").code, 2);
	assert_int_equal(unroot("facts --target none Dockerfile").code, 2);
	assert_int_equal(unroot("facts missing").code, 2);
	struct outcome o = unroot("facts bad Dockerfile");
	assert_int_equal(o.code, 2);
	assert_int_equal(strncmp(o.err, "bad:", 4), 0);
	assert_lines(o.err, 1);
	assert_lines(o.out, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLI_TEST(stages_and_image), CLI_TEST(steps_and_paths), CLI_TEST(variables),
		CLI_TEST(targets),	    CLI_TEST(context_is_read), CLI_TEST(text),
		CLI_TEST(bytes_that_are_not_utf8), CLI_TEST(failures),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
