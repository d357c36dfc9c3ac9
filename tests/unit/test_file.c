#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/file.h"
#include "support/support.h"

/* Each test runs in a directory of its own. */
static struct arena arena;
static const char *scratch;

static int enter(void **state)
{
	(void)state;
	arena_init(&arena, NULL, 0);
	scratch = scratch_new(&arena);
	return chdir(scratch);
}

static int leave(void **state)
{
	(void)state;
	int code = chdir("/");
	scratch_remove(scratch);
	arena_free(&arena);
	return code;
}

static struct file_id id_of_file(const char *path)
{
	struct file_bytes bytes = {0};
	struct file_error error;
	struct file_id id;
	assert_true(file_read(path, 1 << 20, &bytes, &id, &error));
	file_bytes_free(&bytes);
	return id;
}

static bool replace(const char *path, const char *text, bool break_links, struct file_error *error)
{
	struct file_id id = id_of_file(path);
	struct file_replacement r;
	return file_stage(&r, path, &id, str_of(text), break_links, error) && file_commit(&r, error);
}

static void assert_text(const char *path, const char *text)
{
	struct str bytes = file_bytes(&arena, path);
	assert_int_equal(bytes.n, strlen(text));
	assert_memory_equal(bytes.p, text, bytes.n);
}

static void assert_files(size_t n)
{
	struct paths names = {0};
	names_in(&arena, ".", &names);
	assert_int_equal(names.n, n);
}

static void reading(void **state)
{
	(void)state;
	struct file_bytes bytes = {0};
	struct file_error error;
	file_put("empty", STR(""));
	file_put("text", STR("a\0b\n"));
	assert_true(file_read("text", 4, &bytes, NULL, &error));
	assert_int_equal(bytes.n, 4);
	assert_memory_equal(bytes.p, "a\0b\n", 4);
	assert_true(file_read("empty", 4, &bytes, NULL, &error));
	assert_int_equal(bytes.n, 0);
	assert_false(file_read("text", 3, &bytes, NULL, &error));
	assert_string_equal(error.message, "is larger than 3 bytes, the most that is read");
	assert_false(file_read("none", 3, &bytes, NULL, &error));
	assert_true(error.missing);
	assert_true(file_read("/proc/self/status", 1 << 20, &bytes, NULL, &error));
	assert_true(bytes.n > 100);
	file_bytes_free(&bytes);
}

static void what_is_no_file_is_refused(void **state)
{
	(void)state;
	struct file_bytes bytes = {0};
	struct file_error error;
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_false(file_read("fifo", 100, &bytes, NULL, &error));
	assert_string_equal(error.message, "is a FIFO, not a file");
	assert_false(file_read(".", 100, &bytes, NULL, &error));
	assert_string_equal(error.message, "is a directory, not a file");
	assert_false(file_read("/dev/null", 100, &bytes, NULL, &error));
	assert_string_equal(error.message, "is a device, not a file");
	assert_int_equal(symlink("loop", "loop"), 0);
	assert_false(file_read("loop", 100, &bytes, NULL, &error));
	file_bytes_free(&bytes);
}

static void mode_and_attributes_stay(void **state)
{
	(void)state;
	struct file_error error;
	struct stat st;
	char value[8];
	file_put("f", STR("old"));
	assert_int_equal(chmod("f", 0751), 0);
	bool attributes = setxattr("f", "user.unroot", "kept", 4, 0) == 0;
	assert_true(replace("f", "new", false, &error));
	assert_text("f", "new");
	assert_int_equal(stat("f", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0751);
	if (attributes)
		assert_int_equal(getxattr("f", "user.unroot", value, sizeof value), 4);
	assert_files(1);
}

static void an_owner_stays(void **state)
{
	(void)state;
	struct file_error error;
	struct stat st;
	if (geteuid() != 0)
		skip(); /* only root gives files away */
	file_put("f", STR("old"));
	assert_int_equal(chown("f", 1234, 4321), 0);
	assert_int_equal(chmod("f", 04755), 0);
	assert_true(replace("f", "new", false, &error));
	assert_int_equal(stat("f", &st), 0);
	assert_int_equal(st.st_uid, 1234);
	assert_int_equal(st.st_gid, 4321);
	assert_int_equal(st.st_mode & 07777, 04755);
}

static void a_symbolic_link_stays(void **state)
{
	(void)state;
	struct file_error error;
	struct stat st;
	file_put("d/target", STR("old"));
	assert_int_equal(symlink("d/target", "link"), 0);
	assert_true(replace("link", "new", false, &error));
	assert_text("d/target", "new");
	assert_int_equal(lstat("link", &st), 0);
	assert_true(S_ISLNK(st.st_mode));
}

static void hard_links(void **state)
{
	(void)state;
	struct file_error error;
	file_put("a", STR("old"));
	assert_int_equal(link("a", "b"), 0);
	assert_false(replace("a", "new", false, &error));
	assert_non_null(strstr(error.message, "2 hard links"));
	assert_text("a", "old");
	assert_files(2);
	assert_true(replace("a", "new", true, &error));
	assert_text("a", "new");
	assert_text("b", "old");
	assert_files(2);
}

static void a_file_that_changed_is_left(void **state)
{
	(void)state;
	struct file_error error;
	struct file_replacement r;
	file_put("f", STR("old"));
	struct file_id id = id_of_file("f");
	assert_true(file_stage(&r, "f", &id, STR("new"), false, &error));
	file_put("f", STR("theirs"));
	assert_false(file_commit(&r, &error));
	assert_true(error.changed);
	assert_text("f", "theirs");
	assert_files(1);
	assert_false(file_stage(&r, "f", &id, STR("new"), false, &error));
	assert_true(error.changed);
	unlink("f");
	assert_false(file_stage(&r, "f", &id, STR("new"), false, &error));
	assert_files(0);
}

static void leftovers_are_swept(void **state)
{
	(void)state;
	file_put(".unroot-abc123", STR("dead"));
	file_put(".unroot-abc124", STR("alive"));
	file_put(".unroot.yaml", STR(""));
	assert_true(file_is_temporary(STR(".unroot-abc123")));
	assert_false(file_is_temporary(STR(".unroot-ABC123")));
	assert_false(file_is_temporary(STR(".unroot-abc1234")));
	assert_false(file_is_temporary(STR(".unroot.yaml")));
	int fd = open(".unroot-abc124", O_RDONLY | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	file_sweep(".unroot-abc123");
	file_sweep(".unroot-abc124");
	assert_false(path_exists(".unroot-abc123"));
	assert_true(path_exists(".unroot-abc124"));
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reading, enter, leave),
		cmocka_unit_test_setup_teardown(what_is_no_file_is_refused, enter, leave),
		cmocka_unit_test_setup_teardown(mode_and_attributes_stay, enter, leave),
		cmocka_unit_test_setup_teardown(an_owner_stays, enter, leave),
		cmocka_unit_test_setup_teardown(a_symbolic_link_stays, enter, leave),
		cmocka_unit_test_setup_teardown(hard_links, enter, leave),
		cmocka_unit_test_setup_teardown(a_file_that_changed_is_left, enter, leave),
		cmocka_unit_test_setup_teardown(leftovers_are_swept, enter, leave),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
