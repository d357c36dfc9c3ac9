#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "base/buf.h"
#include "model/stage.h"

struct fixture {
	struct arena arena, scratch;
	struct document document;
	struct stages stages;
};

static void read_bytes(struct fixture *f, struct str bytes, const struct build_arg *args, size_t nargs)
{
	document_parse(&f->arena, &f->document, "Dockerfile", bytes);
	if (f->document.error.message.n)
		fail_msg("%.*s", STR_ARG(f->document.error.message));
	stages_read(&f->arena, &f->scratch, &f->document, args, nargs, &f->stages);
}

static void read_text(struct fixture *f, const char *text, const struct build_arg *args, size_t nargs)
{
	arena_init(&f->arena, NULL, 0);
	arena_init(&f->scratch, NULL, 0);
	read_bytes(f, str_of(text), args, nargs);
}

static void end(struct fixture *f)
{
	arena_free(&f->arena);
	arena_free(&f->scratch);
}

/* The FROM of a stage in full. */
static struct from from_of(struct fixture *f, uint32_t stage)
{
	struct from from;
	stages_from(&f->arena, &f->stages, &f->document, stage, &from);
	return from;
}

static void assert_text(struct str got, const char *want)
{
	if (!str_eq(got, str_of(want)))
		fail_msg("got \"%.*s\", expected \"%s\"", STR_ARG(got), want);
}

static void assert_base(const struct fixture *f, uint32_t stage, const char *want)
{
	assert_true(stage < f->stages.n);
	assert_text(f->stages.at[stage].base, want);
}

static void a_single_stage(void **state)
{
	(void)state;
	struct fixture f;

	read_text(&f, "# hi\nFROM debian:12\nRUN a\nCOPY b c\n", NULL, 0);
	assert_int_equal(f.stages.n, 1);
	assert_base(&f, 0, "debian:12");
	assert_text(from_of(&f, 0).name, "");
	assert_text(from_of(&f, 0).platform, "");
	assert_int_equal(f.stages.at[0].from, 0);
	assert_int_equal(f.stages.at[0].end, 3);
	assert_int_equal(f.stages.at[0].parent, STAGE_NONE);
	end(&f);
}

static void stages_build_on_stages(void **state)
{
	(void)state;
	struct fixture f;

	read_text(&f,
		  "FROM --platform=$BUILDPLATFORM golang AS Build\nRUN make\n"
		  "FROM build AS test\nRUN make test\n"
		  "FROM build\n"
		  "FROM later\n"
		  "FROM scratch AS later\n",
		  NULL, 0);
	assert_int_equal(f.stages.n, 5);
	assert_text(from_of(&f, 0).name, "build");
	assert_text(from_of(&f, 0).platform, "$BUILDPLATFORM");
	assert_int_equal(f.stages.at[0].children, 2);
	assert_int_equal(f.stages.at[0].end, 2);
	assert_int_equal(f.stages.at[1].parent, 0);
	assert_int_equal(f.stages.at[1].from, 2);
	assert_int_equal(f.stages.at[2].parent, 0);
	assert_int_equal(f.stages.at[3].parent, STAGE_NONE); /* an image: the stage comes later */
	end(&f);
}

static void a_stage_may_be_named_like_its_image(void **state)
{
	(void)state;
	struct fixture f;

	read_text(&f, "FROM nginx AS nginx\nFROM nginx AS nginx\nFROM nginx\n", NULL, 0);
	assert_int_equal(f.stages.at[0].parent, STAGE_NONE);
	assert_int_equal(f.stages.at[1].parent, 0);
	assert_int_equal(f.stages.at[2].parent, 1);
	assert_int_equal(stages_find(&f.stages, STR("nginx"), 1, false), 0);
	assert_int_equal(stages_find(&f.stages, STR("NGINX"), 2, false), 1);
	assert_int_equal(stages_find(&f.stages, STR("nginx"), 0, false), STAGE_NONE);
	end(&f);
}

static void numbers_name_stages_for_copy_alone(void **state)
{
	(void)state;
	struct fixture f;

	read_text(&f, "FROM a\nFROM 0\nCOPY --from=0 x y\nCOPY --from=1 x y\n", NULL, 0);
	assert_int_equal(f.stages.at[1].parent, STAGE_NONE);
	assert_true(f.stages.at[0].copied_from);
	assert_false(f.stages.at[1].copied_from);
	assert_int_equal(stages_find(&f.stages, STR("0"), 1, true), 0);
	assert_int_equal(stages_find(&f.stages, STR("0"), 1, false), STAGE_NONE);
	assert_int_equal(stages_find(&f.stages, STR("1"), 1, true), STAGE_NONE);
	assert_int_equal(stages_find(&f.stages, STR("7"), 9, true), STAGE_NONE);
	end(&f);
}

static void copies_and_mounts_are_uses(void **state)
{
	(void)state;
	struct fixture f;

	read_text(&f,
		  "FROM i AS a\nFROM i AS b\nFROM i AS c\nFROM i AS d\nFROM i AS e\nFROM i AS f\nFROM i AS g\n"
		  "FROM i\n"
		  "COPY --chown=1 \\\n  --from=a x y\n"
		  "RUN --mount=type=cache,target=/x --mount=type=bind,from=B,target=/y make\n"
		  "RUN --mount=type=bind,\"from=c\" make\n"
		  "ONBUILD COPY --from=d x y\n"
		  "RUN echo --from=e from=e\n"
		  "COPY --from=image x y\n"
		  "RUN <<END\nCOPY --from=f x y\nEND\n"
		  "ENV from=g\n",
		  NULL, 0);
	for (uint32_t i = 0; i < 8; i++)
		assert_int_equal(f.stages.at[i].copied_from, i < 4);
	end(&f);
}

static void global_args_name_the_base(void **state)
{
	(void)state;
	struct fixture f;

	read_text(&f,
		  "ARG REGISTRY=docker.io LIBRARY=\"$REGISTRY/library\"\nARG V=3.12\nARG EMPTY=\nARG NAME\n"
		  "FROM ${LIBRARY}/python:${V%.*}\n"
		  "FROM python:${W:-3}-slim\n"
		  "FROM \"python\":3\n"
		  "FROM python:$NAME\n"
		  "FROM ${NAME:-alpine}\n"
		  "FROM $EMPTY\n"
		  "FROM $TARGETARCH/alpine\n"
		  "ARG V=2\n"
		  "FROM python:$V\n",
		  NULL, 0);
	assert_base(&f, 0, "docker.io/library/python:3");
	assert_text(from_of(&f, 0).base.text, "${LIBRARY}/python:${V%.*}");
	assert_base(&f, 1, "python:3-slim");
	assert_base(&f, 2, "python:3");
	assert_text(f.stages.at[3].base, "");
	assert_text(from_of(&f, 3).expanded.unresolved, "NAME");
	assert_base(&f, 4, "alpine");
	assert_text(f.stages.at[5].base, "");
	assert_text(f.stages.at[6].base, "");
	assert_text(from_of(&f, 6).expanded.unresolved, "TARGETARCH");
	assert_base(&f, 7, "python:3.12"); /* an ARG of a stage does not count */
	end(&f);
}

static void build_args_override_what_is_declared(void **state)
{
	(void)state;
	static const struct build_arg args[] = {{{"V", 1}, {"4", 1}},
						{{"NAME", 4}, {"debian", 6}},
						{{"OTHER", 5}, {"x", 1}},
						{{"TARGETARCH", 10}, {"arm64", 5}},
						{{"V", 1}, {"5", 1}}};
	struct fixture f;

	read_text(&f, "ARG V=3\nARG NAME\nFROM $NAME:$V\nFROM a$OTHER\nFROM $TARGETARCH/alpine\n", args, 5);
	assert_base(&f, 0, "debian:5");
	assert_base(&f, 1, "a");
	assert_base(&f, 2, "arm64/alpine");
	end(&f);
}

static void a_base_may_be_chosen_by_variable(void **state)
{
	(void)state;
	struct fixture f;

	read_text(&f, "ARG MODE=dev\nFROM a AS base-dev\nFROM b AS base-prod\nFROM base-${MODE}\n", NULL, 0);
	assert_int_equal(f.stages.at[2].parent, 0);
	assert_int_equal(f.stages.at[0].children, 1);
	end(&f);
}

static void the_target_is_the_last_or_a_named_one(void **state)
{
	(void)state;
	struct fixture f;

	read_text(&f, "FROM a AS one\nFROM b AS two\nFROM c AS one\nFROM d\n", NULL, 0);
	assert_int_equal(stages_target(&f.stages, STR("")), 3);
	assert_int_equal(stages_target(&f.stages, STR("one")), 2);
	assert_int_equal(stages_target(&f.stages, STR("TWO")), 1);
	assert_int_equal(stages_target(&f.stages, STR("0")), 0);
	assert_int_equal(stages_target(&f.stages, STR("4")), STAGE_NONE);
	assert_int_equal(stages_target(&f.stages, STR("three")), STAGE_NONE);
	end(&f);
}

/* The variables at the end of the last stage, whose parents are read first. */
static struct scope *scope_at_end(struct fixture *f, uint32_t stage)
{
	const struct stage *s = &f->stages.at[stage];
	struct scope *parent = s->parent == STAGE_NONE ? NULL : scope_at_end(f, s->parent);
	struct scope *scope = ARENA_NEW(&f->arena, struct scope);

	*scope = stages_scope(&f->arena, &f->stages, parent);
	for (uint32_t i = s->from + 1; i < s->end; i++) {
		struct arena scratch;
		struct args args;
		arena_init(&scratch, NULL, 0);
		instruction_args(&scratch, &f->document, i, &args);
		stages_apply(&scratch, &f->stages, scope, &f->document, &args, true);
		arena_free(&scratch);
	}
	return scope;
}

static void assert_variable(const struct scope *scope, const char *name, const char *want)
{
	const struct variable *v = scope_get(scope, str_of(name));

	if (!want) {
		assert_true(!v || !v->known);
		return;
	}
	assert_non_null(v);
	assert_true(v->known);
	assert_text(v->value, want);
}

static void variables_of_a_stage(void **state)
{
	(void)state;
	static const struct build_arg args[] = {{{"PASSED", 6}, {"p", 1}}, {{"NOT_DECLARED", 12}, {"p", 1}}};
	struct fixture f;

	read_text(&f,
		  "ARG GLOBAL=g\nARG HIDDEN=h\nARG LOCAL=x\nARG BARE\n"
		  "FROM a AS base\n"
		  "ARG GLOBAL\nARG LOCAL=l TWO=$LOCAL\nARG PASSED=default\nARG BARE\n"
		  "ENV A=1 B=$A C=\"$GLOBAL $LOCAL\"\nENV D $GLOBAL and more\nENV E=$A \\\n  F=${HIDDEN:-none}\n"
		  "FROM base\n"
		  "ENV G=$A$GLOBAL\nARG TARGETARCH\n",
		  args, 2);
	struct scope *scope = scope_at_end(&f, 1);
	assert_variable(scope, "GLOBAL", "g");
	assert_variable(scope, "LOCAL", "l");
	assert_variable(scope, "TWO", "l");
	assert_variable(scope, "PASSED", "p");
	assert_variable(scope, "NOT_DECLARED", NULL);
	assert_variable(scope, "BARE", NULL);
	assert_variable(scope, "A", "1");
	assert_variable(scope, "B", NULL); /* A was not set when this ENV began */
	assert_variable(scope, "C", "g l");
	assert_variable(scope, "D", "g and more");
	assert_variable(scope, "E", "1");
	assert_variable(scope, "F", NULL); /* the image may set HIDDEN */
	assert_variable(scope, "G", "1g");
	assert_variable(scope, "TARGETARCH", NULL);
	assert_variable(scope, "HIDDEN", NULL);
	end(&f);
}

static void variables_know_where_their_value_stands(void **state)
{
	(void)state;
	static const char text[] = "ARG V=12\nFROM a:$V\nARG PORT=\"80\"\nENV A=1 B='x y'\n";
	struct fixture f;

	read_text(&f, text, NULL, 0);
	const struct scope *scope = scope_at_end(&f, 0);
	assert_text(source_text(&f.document.source, scope_get(&f.stages.global, STR("V"))->span), "12");
	assert_text(source_text(&f.document.source, scope_get(scope, STR("PORT"))->span), "\"80\"");
	assert_text(source_text(&f.document.source, scope_get(scope, STR("A"))->span), "1");
	assert_text(source_text(&f.document.source, scope_get(scope, STR("B"))->span), "'x y'");
	assert_true(scope_get(scope, STR("A"))->from_env);
	assert_false(scope_get(scope, STR("PORT"))->from_env);
	end(&f);
}

/* Large files cost time in proportion to their size. */
static double seconds_for(const char *part, size_t times)
{
	struct fixture f;
	struct arena text;
	struct buf b;
	clock_t start;

	arena_init(&text, NULL, 0);
	arena_init(&f.arena, NULL, 0);
	arena_init(&f.scratch, NULL, 0);
	b = buf_new(&text);
	buf_add(&b, STR("FROM scratch AS first\nENV A=0123456789\n"));
	for (size_t i = 0; i < times; i++)
		buf_add(&b, str_of(part));
	document_parse(&f.arena, &f.document, "Dockerfile", buf_str(&b));
	assert_int_equal(f.document.error.message.n, 0);
	start = clock();
	stages_read(&f.arena, &f.scratch, &f.document, NULL, 0, &f.stages);
	double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
	arena_free(&f.arena);
	arena_free(&f.scratch);
	arena_free(&text);
	return seconds;
}

static void large_files_are_no_trouble(void **state)
{
	(void)state;
	assert_true(seconds_for("FROM a AS b\n", 100000) < 5);
	assert_true(seconds_for("FROM b AS b\nCOPY --from=b x y\n", 50000) < 5);
	assert_true(seconds_for("RUN a\n", 200000) < 5);
	assert_true(seconds_for("COPY --from=first x y\n", 100000) < 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_single_stage),
		cmocka_unit_test(stages_build_on_stages),
		cmocka_unit_test(a_stage_may_be_named_like_its_image),
		cmocka_unit_test(numbers_name_stages_for_copy_alone),
		cmocka_unit_test(copies_and_mounts_are_uses),
		cmocka_unit_test(global_args_name_the_base),
		cmocka_unit_test(build_args_override_what_is_declared),
		cmocka_unit_test(a_base_may_be_chosen_by_variable),
		cmocka_unit_test(the_target_is_the_last_or_a_named_one),
		cmocka_unit_test(variables_of_a_stage),
		cmocka_unit_test(variables_know_where_their_value_stands),
		cmocka_unit_test(large_files_are_no_trouble),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
