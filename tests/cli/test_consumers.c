/* Compose files and manifests around a Dockerfile, as the program finds them. */
#include "cli.h"

static const char app[] = "FROM python:3.12-slim\nEXPOSE 80\nCMD [\"gunicorn\", \"-b\", \":80\", \"app:app\"]\n";
static const char compose[] = "services:\n  web:\n    build: app\n    image: example/web\n    ports: [\"80:80\"]\n";
static const char pod[] = "kind: Pod\nspec:\n  containers: [{image: example/web, ports: [{containerPort: 80}]}]\n";

static void anywhere_in_the_repository(void **state)
{
	(void)state;
	put(".git/HEAD", "");
	put("app/Dockerfile", app);
	put("compose.yaml", compose);
	put("deploy/k8s/web.yml", pod);
	put("deploy/compose.yaml", "services:\n  web:\n    build: ../app\n    ports: [\"81:80\"]\n");
	assert_int_equal(unroot("fix -q app/Dockerfile").code, 0);
	assert_holds(get("compose.yaml"), "\"80:8080\"");
	assert_holds(get("deploy/k8s/web.yml"), "containerPort: 8080");
	assert_holds(get("deploy/compose.yaml"), "\"81:8080\"");
	assert_int_equal(unroot("fix --check").code, 0);
}

static void from_inside(void **state)
{
	(void)state;
	put(".git/HEAD", "");
	put("app/Dockerfile", app);
	put("compose.yaml", compose);
	struct outcome o = shell("cd app && $U fix --diff -q");
	assert_int_equal(o.code, 1);
	assert_holds(o.out, "+    ports: [\"80:8080\"]");
	assert_int_equal(shell("cd app && $U fix -q").code, 0);
	assert_holds(get("compose.yaml"), "\"80:8080\"");
}

/* What git ignores is not the repository's; without a repository nobody knows where to end. */
static void not_everywhere(void **state)
{
	(void)state;
	put("app/Dockerfile", app);
	put("app/sub/compose.yaml", "services:\n  web:\n    build: ..\n    ports: [\"80:80\"]\n");
	put("compose.yaml", compose);
	assert_lacks(unroot("fix --diff -q app").out, "compose.yaml");
	put(".git/HEAD", "");
	put(".gitignore", "sub/\n");
	assert_lacks(unroot("fix --diff -q app").out, "sub/compose.yaml");
	assert_holds(unroot("fix --diff -q app").out, "b/compose.yaml");
	put("app/node_modules/x/compose.yaml", "services: {web: {build: ../.., ports: [\"80:80\"]}}\n");
	assert_lacks(unroot("fix --diff -q app").out, "node_modules");
}

static void beside_it_without_a_repository(void **state)
{
	(void)state;
	put("app/Dockerfile", app);
	put("app/docker-compose.yml", "services:\n  web:\n    build: .\n    ports: [\"80:80\"]\n");
	assert_int_equal(unroot("fix -q app/Dockerfile").code, 0);
	assert_holds(get("app/docker-compose.yml"), "\"80:8080\"");
}

static void a_broken_file_is_named_and_nothing_changes(void **state)
{
	(void)state;
	static const char broken[] = "services:\n  web:\n    build: .\n   ports: [\"80:80\"]\n";
	put(".git/HEAD", "");
	put("Dockerfile", app);
	put("compose.yaml", broken);
	struct outcome o = unroot("fix Dockerfile");
	assert_holds(o.err, "\n  compose.yaml:4:4: ");
	assert_string_equal(get("Dockerfile"), app);
	assert_string_equal(get("compose.yaml"), broken);
}

static void one_that_may_not_be_read(void **state)
{
	(void)state;
	put(".git/HEAD", "");
	put("Dockerfile", app);
	put("compose.yaml", compose);
	struct outcome o = shell_as_nobody("$U fix --check -q .; $U check . ; chmod 755 . ");
	assert_holds(o.out, "interface");
	assert_int_equal(shell("chmod 600 compose.yaml").code, 0);
	assert_holds(shell_as_nobody("$U check .").out, "compose.yaml:1:1: cannot be read here");
}

/* A filter has one document: what would need another file is left to a run over files. */
static void a_filter_changes_no_other_file(void **state)
{
	(void)state;
	put(".git/HEAD", "");
	put("Dockerfile", app);
	put("compose.yaml", "services:\n  web:\n    build: .\n    ports: [\"80:80\"]\n");
	struct outcome o = shell("$U fix -q - --stdin-filename Dockerfile < Dockerfile");
	assert_int_equal(o.code, 0);
	assert_string_equal(o.out, app);
	assert_holds(get("compose.yaml"), "\"80:80\"");
	put("compose.yaml", "services:\n  web:\n    build: .\n");
	assert_holds(shell("$U fix -q - --stdin-filename Dockerfile < Dockerfile").out, "EXPOSE 8080\n");
}

static void the_port_map_is_checked(void **state)
{
	(void)state;
	put("Dockerfile", app);
	put(".unroot.yaml", "ports-map: {80: 81}\n");
	struct outcome o = unroot("fix -q");
	assert_int_equal(o.code, 2);
	assert_lines(o.err, 1);
	assert_holds(o.err, "80 to 81: a port below 1024 moves to one of its own from 1024 to 65535");
	put(".unroot.yaml", "ports-map: {80: 9000}\n");
	assert_int_equal(unroot("fix -q").code, 0);
	assert_holds(get("Dockerfile"), "EXPOSE 9000\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {CLI_TEST(anywhere_in_the_repository),
					   CLI_TEST(from_inside),
					   CLI_TEST(not_everywhere),
					   CLI_TEST(beside_it_without_a_repository),
					   CLI_TEST(a_broken_file_is_named_and_nothing_changes),
					   CLI_TEST(one_that_may_not_be_read),
					   CLI_TEST(a_filter_changes_no_other_file),
					   CLI_TEST(the_port_map_is_checked)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
