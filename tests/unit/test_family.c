#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "model/family.h"
#include "support/fixture.h"
#include "support/support.h"

static struct image_table *table;
static struct registries *registries;

static struct image_table *table_of(const char *own, const char *extra)
{
	uint32_t line = 0;
	struct str why = STR("");
	struct image_table *t = image_table_read(&arena, str_of(own), str_of(extra), registries, &line, &why);
	if (!t)
		fail_msg("line %u: %.*s", line, STR_ARG(why));
	return t;
}

static int set_up(void **state)
{
	struct str text;
	uint32_t line;
	arena_set_up(state);
	text = file_bytes(&arena, UNROOT_TEMPLATES "/registries.tsv");
	registries = registries_read(&arena, arena_str(&arena, text), &line);
	assert_non_null(registries);
	text = file_bytes(&arena, UNROOT_TEMPLATES "/images.tsv");
	table = table_of(arena_str(&arena, text).p, "");
	return 0;
}

static void assert_text(const char *what, struct str got, const char *expected)
{
	if (!str_eq(got, str_of(expected)))
		fail_msg("%s: got '%.*s', expected '%s'", what, STR_ARG(got), expected);
}

static const struct account *account_of(const struct image *image, const char *name)
{
	for (uint32_t i = 0; i < image->naccounts; i++)
		if (str_eq(image->accounts[i].name, str_of(name)))
			return &image->accounts[i];
	return NULL;
}

static void test_reference(void **state)
{
	static const struct {
		const char *text, *repository, *tag, *digest;
	} cases[] = {
		{"python", "python", "latest", ""},
		{"python:3.12-slim", "python", "3.12-slim", ""},
		{"python:", "python", "latest", ""},
		{"docker.io/library/python:3", "python", "3", ""},
		{"index.docker.io/library/python", "python", "latest", ""},
		{"docker.io/grafana/grafana:10", "grafana/grafana", "10", ""},
		{"library/node", "node", "latest", ""},
		{"public.ecr.aws/docker/library/node:20", "node", "20", ""},
		{"public.ecr.aws/lambda/python:3.12", "public.ecr.aws/lambda/python", "3.12", ""},
		{"mirror.gcr.io/library/alpine:3", "alpine", "3", ""},
		{"proxy.example.com/docker.io/library/redis:7", "redis", "7", ""},
		{"gitlab.example.com/group/dependency_proxy/containers/node:20", "node", "20", ""},
		{"localhost:5000/team/app", "localhost:5000/team/app", "latest", ""},
		{"localhost:5000/team/app:1@sha256:00", "localhost:5000/team/app", "1", "sha256:00"},
		{"node:20@sha256:00", "node", "20", "sha256:00"},
		{"node@sha256:00", "node", "", "sha256:00"},
		{"node@", "node", "", ""},
		{"node:${VERSION}", "node", "", ""},
		{"arm32v7/debian:bookworm", "debian", "bookworm", ""},
		{"armhf/debian:jessie", "debian", "jessie", ""},
		{"armhf/debian", "debian", "", ""},
		{"amd64/team/app", "amd64/team/app", "latest", ""},
		{"docker.io/", "docker.io/", "latest", ""},
		{"", "", "latest", ""},
		{":", "", "latest", ""},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct image_ref ref = image_ref_of(registries, str_of(cases[i].text));
		assert_text(cases[i].text, ref.repository, cases[i].repository);
		assert_text(cases[i].text, ref.tag, cases[i].tag);
		assert_text(cases[i].text, ref.digest, cases[i].digest);
	}
}

static void test_family_names(void **state)
{
	(void)state;
	for (enum family f = FAMILY_UNKNOWN; f <= FAMILY_WINDOWS; f++)
		assert_int_equal(family_of_name(family_name(f)), f);
	assert_int_equal(family_of_name(STR("slackware")), FAMILY_UNKNOWN);
	assert_int_equal(family_of_name(STR("")), FAMILY_UNKNOWN);
}

static void test_own_table_is_sound(void **state)
{
	uint32_t line = 0;
	struct str why = STR("");
	(void)state;
	if (!image_table_check(table, &line, &why))
		fail_msg("templates/images.tsv:%u: %.*s", line, STR_ARG(why));
}

#define SURE true
#define UNSURE false

/* What an image's name says; NULL for a default user or an account of the app that is not known or not there. */
static void test_images(void **state)
{
	static const struct {
		const char *reference;
		enum family family;
		enum account_tools tools;
		const char *user, *app, *drops;
		bool sure;
	} cases[] = {
		{"ubuntu:24.04", FAMILY_DEBIAN, TOOLS_SHADOW, "root", NULL, "", SURE},
		{"ubuntu:17.04", FAMILY_DEBIAN, TOOLS_SHADOW_ADDUSER, "root", NULL, "", SURE},
		{"python:3-slim", FAMILY_DEBIAN, TOOLS_SHADOW, "root", NULL, "", SURE},
		{"python:3.8-slim", FAMILY_DEBIAN, TOOLS_SHADOW_ADDUSER, "root", NULL, "", SURE},
		{"python:3.12-slim-bookworm", FAMILY_DEBIAN, TOOLS_SHADOW_ADDUSER, "root", NULL, "", SURE},
		{"python:3.12-alpine", FAMILY_ALPINE, TOOLS_BUSYBOX, "root", NULL, "", SURE},
		{"docker.io/library/python:3.12", FAMILY_DEBIAN, TOOLS_SHADOW_ADDUSER, "root", NULL, "", SURE},
		{"amazonlinux:2023", FAMILY_RHEL, TOOLS_INSTALL, "root", NULL, "", SURE},
		{"registry.access.redhat.com/ubi9/ubi-minimal:9.7", FAMILY_RHEL, TOOLS_INSTALL, "root", NULL, "", SURE},
		{"registry.access.redhat.com/ubi9-minimal", FAMILY_RHEL, TOOLS_INSTALL, "root", NULL, "", SURE},
		{"ubi9-minimal", FAMILY_RHEL, TOOLS_INSTALL, "root", NULL, "", SURE},
		{"registry.access.redhat.com/ubi9/ubi", FAMILY_RHEL, TOOLS_SHADOW, "root", NULL, "", SURE},
		{"postgres", FAMILY_DEBIAN, TOOLS_SHADOW, "root", NULL, "gosu postgres", SURE},
		{"postgres:16-alpine", FAMILY_ALPINE, TOOLS_BUSYBOX, "root", NULL, "gosu postgres", SURE},
		{"linuxserver/sonarr", FAMILY_UNKNOWN, TOOLS_SHADOW, "root", NULL, "s6", UNSURE},
		{"lscr.io/linuxserver/sonarr", FAMILY_UNKNOWN, TOOLS_SHADOW, "root", NULL, "s6", UNSURE},
		{"nginx:alpine", FAMILY_ALPINE, TOOLS_BUSYBOX, "root", "nginx", "master", SURE},
		{"mcr.microsoft.com/dotnet/aspnet:8.0", FAMILY_DEBIAN, TOOLS_SHADOW_ADDUSER, "root", "app", "", SURE},
		{"mcr.microsoft.com/dotnet/aspnet:10.0", FAMILY_DEBIAN, TOOLS_SHADOW, "root", "app", "", SURE},
		{"mcr.microsoft.com/dotnet/sdk:7.0", FAMILY_DEBIAN, TOOLS_SHADOW_ADDUSER, "root", NULL, "", SURE},
		{"mcr.microsoft.com/dotnet/aspnet:8.0-noble-chiseled", FAMILY_DISTROLESS, TOOLS_NONE, "1654", "app", "",
		 SURE},
		{"openjdk:8", FAMILY_DEBIAN, TOOLS_SHADOW_ADDUSER, "root", NULL, "", SURE},
		{"openjdk:11-jre-slim", FAMILY_DEBIAN, TOOLS_SHADOW_ADDUSER, "root", NULL, "", SURE},
		{"openjdk:17", FAMILY_RHEL, TOOLS_SHADOW, "root", NULL, "", SURE},
		{"jenkins/jenkins", FAMILY_DEBIAN, TOOLS_SHADOW_ADDUSER, "jenkins", "jenkins", "", SURE},
		{"gcr.io/distroless/static-debian12", FAMILY_DISTROLESS, TOOLS_NONE, "root", "nonroot", "", SURE},
		{"gcr.io/distroless/static-debian12:nonroot", FAMILY_DISTROLESS, TOOLS_NONE, "65532", "nonroot", "",
		 SURE},
		{"node:20@sha256:00", FAMILY_DEBIAN, TOOLS_SHADOW_ADDUSER, "root", "node", "", SURE},
		{"armhf/debian:jessie", FAMILY_DEBIAN, TOOLS_SHADOW_ADDUSER, "root", NULL, "", SURE},
		{"scratch", FAMILY_SCRATCH, TOOLS_NONE, "root", NULL, "", SURE},
		{"php:7.4-apache", FAMILY_DEBIAN, TOOLS_SHADOW_ADDUSER, "root", NULL, "master", SURE},
		{"bitnami/nginx", FAMILY_DEBIAN, TOOLS_SHADOW, "1001", NULL, "", UNSURE},
		/* Windows, whoever made the image. */
		{"node:10.19.0-windowsservercore", FAMILY_WINDOWS, TOOLS_NONE, "ContainerAdministrator", NULL, "",
		 SURE},
		{"mcr.microsoft.com/windows/servercore:ltsc2022", FAMILY_WINDOWS, TOOLS_NONE, "ContainerAdministrator",
		 NULL, "", SURE},
		{"example.com/a/b:1.2-ltsc2019", FAMILY_WINDOWS, TOOLS_NONE, "ContainerAdministrator", NULL, "",
		 UNSURE},
		{"golang:1.25-nanoserver-ltsc2022", FAMILY_WINDOWS, TOOLS_NONE, "ContainerUser", NULL, "", SURE},
		{"example/iis-nanoserver", FAMILY_WINDOWS, TOOLS_NONE, "?", NULL, "", UNSURE},
		/* Tags from before the image changed its user. */
		{"haproxy:2.8", FAMILY_DEBIAN, TOOLS_SHADOW, "haproxy", "haproxy", "", SURE},
		{"haproxy:2.2.5", FAMILY_DEBIAN, TOOLS_SHADOW, "root", "haproxy", "", UNSURE},
		{"haproxy:1.9-alpine", FAMILY_ALPINE, TOOLS_BUSYBOX, "root", "haproxy", "", UNSURE},
		{"grafana/grafana:4.6.3", FAMILY_UNKNOWN, TOOLS_UNKNOWN, "root", NULL, "", UNSURE},
		{"kibana:4", FAMILY_UNKNOWN, TOOLS_UNKNOWN, "?", NULL, "", UNSURE},
		{"kong:0.10", FAMILY_UNKNOWN, TOOLS_UNKNOWN, "?", NULL, "", UNSURE},
		{"n8nio/n8n:0.100.0", FAMILY_ALPINE, TOOLS_BUSYBOX, "?", "node", "", UNSURE},
		{"prom/prometheus:v1.8.2", FAMILY_BUSYBOX, TOOLS_BUSYBOX, "root", NULL, "", SURE},
		{"prom/prometheus:v2.53.0", FAMILY_BUSYBOX, TOOLS_BUSYBOX, "nobody", NULL, "", SURE},
		{"sonarqube:8.9-community", FAMILY_UNKNOWN, TOOLS_UNKNOWN, "?", "sonarqube", "", UNSURE},
		{"sonarqube:9.9-community", FAMILY_DEBIAN, TOOLS_SHADOW, "sonarqube", "sonarqube", "", SURE},
		{"varnish:6.0", FAMILY_DEBIAN, TOOLS_SHADOW, "root", "varnish", "", UNSURE},
		/* Tags that were given up before node had its user, and those of the weeks when it had no home. */
		{"node:4.4.3", FAMILY_DEBIAN, TOOLS_SHADOW_ADDUSER, "root", NULL, "", SURE},
		{"node:0.12.9-slim", FAMILY_DEBIAN, TOOLS_SHADOW_ADDUSER, "root", NULL, "", SURE},
		{"node:5-onbuild", FAMILY_DEBIAN, TOOLS_SHADOW_ADDUSER, "root", NULL, "", SURE},
		{"node:6.2-alpine", FAMILY_ALPINE, TOOLS_BUSYBOX, "root", NULL, "", SURE},
		{"node:7.0.0", FAMILY_DEBIAN, TOOLS_SHADOW_ADDUSER, "root", NULL, "", SURE},
		{"node:0.12", FAMILY_DEBIAN, TOOLS_SHADOW_ADDUSER, "root", "node", "", SURE},
		{"node:4.6", FAMILY_DEBIAN, TOOLS_SHADOW_ADDUSER, "root", "node", "", SURE},
		{"node:6.9.1", FAMILY_DEBIAN, TOOLS_SHADOW_ADDUSER, "root", "node", "", SURE},
		{"node:7.10-alpine", FAMILY_ALPINE, TOOLS_BUSYBOX, "root", "node", "", SURE},
		/* The tag is open: what all tags have in common that were not given up, and never more. */
		{"node@sha256:00", FAMILY_UNKNOWN, TOOLS_UNKNOWN, "root", "node", "", UNSURE},
		{"node:${VERSION}", FAMILY_UNKNOWN, TOOLS_UNKNOWN, "root", "node", "", UNSURE},
		{"debian@sha256:00", FAMILY_DEBIAN, TOOLS_SHADOW, "root", NULL, "", UNSURE},
		{"armhf/debian", FAMILY_DEBIAN, TOOLS_SHADOW, "root", NULL, "", UNSURE},
		{"alpine@sha256:00", FAMILY_ALPINE, TOOLS_BUSYBOX, "root", NULL, "", SURE},
		{"public.ecr.aws/amazonlinux/amazonlinux@sha256:00", FAMILY_RHEL, TOOLS_INSTALL, "root", NULL, "",
		 SURE},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *name = cases[i].reference;
		const struct image *image = image_find(table, str_of(name));
		if (!image)
			fail_msg("%s: not found", name);
		assert_text(name, family_name(image->family), family_name(cases[i].family).p);
		if (image->tools != cases[i].tools)
			fail_msg("%s: tools %d, expected %d", name, image->tools, cases[i].tools);
		assert_text(name, image->user_known ? image->user : STR("?"), cases[i].user);
		assert_text(name, image->app ? image->app->name : STR(""), cases[i].app ? cases[i].app : "");
		assert_text(name, image->drops, cases[i].drops);
		if ((image->sure == SURE_ALL) != cases[i].sure)
			fail_msg("%s: sure is %#x", name, image->sure);
	}
}

static void test_unknown_images(void **state)
{
	static const char *const names[] = {"localhost:5000/team/app",
					    "localhost:5000/python:3",
					    "team/python",
					    "",
					    "/",
					    ":",
					    "@",
					    "$REGISTRY/python:3",
					    "base"};
	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (image_find(table, str_of(names[i])))
			fail_msg("%s is known", names[i]);
	/* Longer than any registry takes. */
	struct buf b = buf_new(&arena);
	for (int i = 0; i < 10000; i++)
		buf_add(&b, STR("alpine/"));
	buf_add(&b, STR("alpine"));
	assert_null(image_find(table, buf_str(&b)));
}

static void test_details(void **state)
{
	const struct image *image;
	const struct account *account;
	(void)state;
	image = image_find(table, STR("ubuntu:24.04"));
	account = account_of(image, "ubuntu");
	assert_non_null(account);
	assert_int_equal(account->uid, 1000);
	assert_int_equal(account->gid, 1000);
	assert_text("home", account->home, "/home/ubuntu");
	assert_null(account_of(image_find(table, STR("ubuntu:22.04")), "ubuntu"));
	assert_false(account_of(image, "_apt")->ids_known);

	image = image_find(table, STR("amazonlinux:2023"));
	assert_text("manager", image->tools_manager, "yum");
	assert_text("package", image->tools_package, "shadow-utils");
	assert_int_equal(image->start, START_SHELL);

	image = image_find(table, STR("nginx"));
	assert_int_equal(image->start, START_SERVER);
	assert_int_equal(image->nlow_ports, 1);
	assert_int_equal(image->low_ports[0], 80);
	assert_true(image->entrypoint_known);
	assert_text("entrypoint", image->entrypoint, "/docker-entrypoint.sh");
	assert_text("recipe", image->recipe, "nginx");

	image = image_find(table, STR("debian:bookworm"));
	assert_true(image->entrypoint_known);
	assert_int_equal(image->entrypoint.n, 0);
	assert_true(image->has_shell);
	assert_false(image_find(table, STR("scratch"))->has_shell);
	assert_text("writable", image_find(table, STR("golang:1.22"))->writable, "/go");
	assert_false(image_find(table, STR("jenkins/jenkins"))->entrypoint_known);
	assert_false(image_find(table, STR("jenkins/jenkins"))->workdir_known);
	assert_text("workdir", image_find(table, STR("php:8-fpm-alpine"))->workdir, "/var/www/html");
	assert_text("workdir", image_find(table, STR("golang@sha256:00"))->workdir, "/go");
	assert_text("workdir", image_find(table, STR("debian"))->workdir, "/"); /* a shell, and no cell */
	assert_text("workdir", image_find(table, STR("gcr.io/distroless/static:nonroot"))->workdir, "/home/nonroot");
	assert_false(image_find(table, STR("gcr.io/distroless/static@sha256:00"))->workdir_known);
	assert_false(image_find(table, STR("perl:5.40"))->workdir_known);
}

/* Windows tags do not make a tag that is open worthless, but nothing is sure then. */
static void test_open_tag_leaves_windows_out(void **state)
{
	const char *own = "srv\t\tnanoserver\twindows\tnone\tno\t\t\tContainerUser\n"
			  "srv\t\t\tdebian\tshadow\tyes\troot:0:0:/root\t\troot\n";
	const struct image *image = image_find(table_of(own, ""), STR("srv@sha256:00"));
	(void)state;
	assert_int_equal(image->family, FAMILY_DEBIAN);
	assert_int_equal(image->tools, TOOLS_SHADOW);
}

static void test_open_tag_keeps_what_agrees(void **state)
{
	const char *own = "a\t\tx\tdebian\tshadow\tyes\tapp:1:1:/a;one:5:5:/o\tapp\troot\n"
			  "a\t\t\tdebian\tshadow\tyes\tone:6:6:/o;app:1:1:/a\tapp\troot\n"
			  "b\t\tx\tdebian\tshadow\tyes\tapp:1:1:/a\tapp\troot\n"
			  "b\t\t\tdebian\tshadow\tyes\tapp:1:1:/a\tapp\troot\n"
			  "c\t\tx\tdebian\tshadow\tyes\tapp:1:1:/a\tapp\troot\n";
	struct image_table *t = table_of(own, "");
	const struct image *image = image_find(t, STR("a@"));
	(void)state;
	assert_int_not_equal(image->sure, SURE_ALL);
	assert_true(account_of(image, "app")->ids_known);
	assert_false(account_of(image, "one")->ids_known);
	assert_ptr_equal(image->app, account_of(image, "app"));
	assert_ptr_equal(image_find(t, STR("a@")), image);
	assert_true(image_find(t, STR("b@"))->sure == SURE_ALL);
	assert_false(image_find(t, STR("c@"))->sure == SURE_ALL); /* another tag may be anything */
}

static void test_user_rows_win(void **state)
{
	const char *own = "python\t\t\tdebian\tshadow\tyes\troot:0:0:/root\t\troot\n"
			  "@list\tapp:7:7:/srv\n";
	const char *extra = "# ours\n"
			    "python\t\talpine\talpine\tbusybox\tyes\t@list\tapp\tapp\n"
			    "corp/*\tregistry\\.corp/(api|web)\t\trhel\n"
			    "registry.corp/exact\t\t\tsuse\n";
	struct image_table *t = table_of(own, extra);
	const struct image *image = image_find(t, STR("python:3-alpine"));
	(void)state;
	assert_true(image->configured);
	assert_int_equal(image->family, FAMILY_ALPINE);
	assert_int_equal(image->row, 2);
	assert_int_equal(image->app->uid, 7);
	image = image_find(t, STR("python:3"));
	assert_false(image->configured);
	assert_int_equal(image->row, 1);
	image = image_find(t, STR("registry.corp/exact:1"));
	assert_int_equal(image->family, FAMILY_SUSE);
	assert_false(image->sure == SURE_ALL); /* tools and user were not said */
	assert_false(image->user_known);
	assert_false(image->entrypoint_known);
	assert_null(image_find(t, STR("registry.corp/api"))); /* the key names another namespace */
}

static void test_marks(void **state)
{
	static const struct {
		const char *row;
		uint32_t missing; /* SURE_… bits */
	} cases[] = {
		{"x\t\t\tdebian\tshadow\tyes\troot:0:0:\t\troot", 0},
		{"x\t\t\tdebian\tshadow\tyes\t\t\troot", 0},
		{"x\t\t\t~debian\tshadow\tyes\troot:0:0:\t\troot", SURE_FAMILY},
		{"x\t\t\tdebian\t~shadow\tyes\troot:0:0:\t\troot", SURE_TOOLS},
		{"x\t\t\tdebian\tshadow\tyes\t~root:0:0:\t\troot", SURE_ACCOUNTS},
		{"x\t\t\tdebian\tshadow\tyes\troot:0:0:\t\t~root", SURE_USER},
		{"x\t\t\t?\tshadow\tyes\troot:0:0:\t\troot", SURE_FAMILY},
		{"x\t\t\tdebian\t?\tyes\troot:0:0:\t\troot", SURE_TOOLS},
		{"x\t\t\tdebian\tshadow\tyes\t?\t\troot", SURE_ACCOUNTS},
		{"x\t\t\tdebian\tshadow\tyes\troot:0:0:\t\t?", SURE_USER},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (image_find(table_of(cases[i].row, ""), STR("x"))->sure != (SURE_ALL & ~cases[i].missing))
			fail_msg("%s", cases[i].row);
}

static void test_bad_rows(void **state)
{
	static const struct {
		const char *rows;
		uint32_t line;
		const char *why; /* part of it */
	} cases[] = {
		{"x\t\t\tdebian\nx", 2, "at least key"},
		{"x\t\t\tslackware", 1, "no such family: 'slackware'"},
		{"x\t\t\tdebian\tadduser", 1, "no such account tools"},
		{"x\t\t\trhel\tinstall:shadow-utils", 1, "install:MANAGER:PACKAGE"},
		{"x\t\t\tdebian\tshadow\tmaybe", 1, "yes or no"},
		{"x\t\t\tdebian\tshadow\tyes\tapp:one:1:", 1, "numbers"},
		{"x\t\t\tdebian\tshadow\tyes\t:1:1:", 1, "name:uid:gid:home"},
		{"x\t\t\tdebian\tshadow\tyes\t@nobody", 1, "no list of accounts"},
		{"x\t\t\tdebian\tshadow\tyes\tapp:1:1:\tother", 1, "not among the accounts"},
		{"x\t\t\tdebian\tshadow\tyes\t\t\troot\tdaemon", 1, "no such start"},
		{"x\t\t\tdebian\tshadow\tyes\t\t\troot\tserver:8080", 1, "port below 1024"},
		{"# comment\n\nx\t(a\t\tdebian", 3, "parenthes"},
		{"x\t\t[a\tdebian", 1, "character class"},
		{"*\t\t\tdebian", 1, "needs a pattern"},
		{"x\t\t\tdebian\tshadow\tyes\t\t\troot\tshell\tnone\t\t\t\t\t\tapp", 1, "begins with /: 'app'"},
		{"x\t\t\tdebian\tshadow\tyes\t\t\troot\tshell\tnone\t\t\t\t\t\t\tnothing-in new", 1,
		 "no such trait: 'new'"},
		{"x\t\t\tdebian\tshadow\tyes\t\t\troot\tshell:80\tnone\t\t\t\t\t\t\tport-by:PORT", 1,
		 "expected port-by:NAME=VALUE"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint32_t line = 0;
		struct str why = STR("");
		const char *own = "x\t\t\talpine\n";
		if (image_table_read(&arena, str_of(own), str_of(cases[i].rows), registries, &line, &why))
			fail_msg("taken: %s", cases[i].rows);
		if (line != cases[i].line || str_find(why, str_of(cases[i].why), 0) == STR_NONE)
			fail_msg("%s: line %u: %.*s", cases[i].rows, line, STR_ARG(why));
		/* In the table itself such a row is as good as absent, and the check finds it. */
		struct image_table *t =
			image_table_read(&arena, str_of(cases[i].rows), STR(""), registries, &line, &why);
		assert_non_null(t);
		line = 0;
		assert_false(image_table_check(t, &line, &why));
		assert_int_equal(line, cases[i].line);
	}
}

/* Which npm an image of Node has, by its tag; by none of all tags where that is not known. */
static void test_npm_of_node(void **state)
{
	static const char *const new_npm[] = {"node",
					      "node:lts",
					      "node:18",
					      "node:18-alpine",
					      "node:18.14",
					      "node:18.14.2-slim",
					      "node:18.20-alpine3.19",
					      "node:19.1",
					      "node:hydrogen",
					      "node:22-trixie-slim"};
	static const char *const old_npm[] = {"node:argon",	   "node:gallium-alpine",
					      "node:0.12",	   "node:8.16.0-alpine",
					      "node:16",	   "node:18.1-alpine",
					      "node:18.13.0-slim", "node:17-bullseye-slim",
					      "node@sha256:00",	   "node@"};
	(void)state;
	for (size_t i = 0; i < sizeof new_npm / sizeof *new_npm; i++)
		if (!(image_find(table, str_of(new_npm[i]))->traits & TRAIT_NEW_NPM))
			fail_msg("%s has a new npm", new_npm[i]);
	for (size_t i = 0; i < sizeof old_npm / sizeof *old_npm; i++)
		if (image_find(table, str_of(old_npm[i]))->traits & TRAIT_NEW_NPM)
			fail_msg("%s may have an old npm", old_npm[i]);
	assert_true(image_find(table, STR("php:8.3-apache"))->traits & TRAIT_NOTHING_IN);
	assert_false(image_find(table, STR("wordpress"))->traits & TRAIT_NOTHING_IN);
}

/* A pattern that would run for ages is given up. */
static void test_pattern_limits(void **state)
{
	struct image_table *t = table_of("*\t(a+)+b\t\tdebian\n*\t.*\t\talpine\n", "");
	(void)state;
	assert_int_equal(image_find(t, STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac"))->family,
			 FAMILY_ALPINE);
}

static void *failing_alloc(void *ctx, size_t size)
{
	size_t *left = ctx;
	if (*left == 0)
		return NULL;
	--*left;
	return allocator_default.alloc(NULL, size);
}

/* Every allocation fails once, PCRE2's among them; nothing leaks, as the sanitizer sees. */
static void read_and_find(struct arena *a, struct str text)
{
	uint32_t line;
	struct str why;
	struct image_table *t = image_table_read(a, text, STR(""), registries, &line, &why);
	assert_non_null(image_find(t, STR("mcr.microsoft.com/dotnet/aspnet:8.0")));
	assert_non_null(image_find(t, STR("python@")));
}

/* Whether the table can be read with so many allocations. */
static bool reads_with(size_t allowed, struct str text)
{
	size_t left = allowed;
	const struct allocator from = {.ctx = &left, .alloc = failing_alloc, .release = allocator_default.release};
	struct arena a;
	jmp_buf place;
	arena_init(&a, &from, 512);
	bool failed = setjmp(place) != 0;
	if (!failed) {
		arena_arm(&a, &place);
		read_and_find(&a, text);
	}
	arena_free(&a);
	return !failed;
}

static void test_out_of_memory(void **state)
{
	struct str text = file_bytes(&arena, UNROOT_TEMPLATES "/images.tsv");
	size_t allowed = 0;
	(void)state;
	while (!reads_with(allowed, text))
		allowed++;
	assert_true(allowed > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reference),
		cmocka_unit_test(test_family_names),
		cmocka_unit_test(test_own_table_is_sound),
		cmocka_unit_test(test_images),
		cmocka_unit_test(test_unknown_images),
		cmocka_unit_test(test_details),
		cmocka_unit_test(test_open_tag_leaves_windows_out),
		cmocka_unit_test(test_open_tag_keeps_what_agrees),
		cmocka_unit_test(test_user_rows_win),
		cmocka_unit_test(test_marks),
		cmocka_unit_test(test_bad_rows),
		cmocka_unit_test(test_npm_of_node),
		cmocka_unit_test(test_pattern_limits),
		cmocka_unit_test(test_out_of_memory),
	};
	return cmocka_run_group_tests(tests, set_up, arena_tear_down);
}
