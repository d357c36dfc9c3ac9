/* The most frequent bases of real files, with what the table has to say of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/table.h"
#include "model/family.h"
#include "support/support.h"

static void check(struct image_table *table, const struct table_row *row)
{
	const struct image *image = image_find(table, row->cell[0]);
	struct str family = image && image->family != FAMILY_UNKNOWN ? family_name(image->family) : STR("?");
	bool believed = image && image->user_known && ((image->sure & SURE_USER) || !str_eq(image->user, STR("root")));
	struct str user = believed ? image->user : STR("?");
	struct str sure = image && image->sure == SURE_ALL ? STR("sure") : STR("?");
	if (!str_eq(family, row->cell[1]) || !str_eq(user, row->cell[2]) || !str_eq(sure, row->cell[3]))
		fail_msg("%.*s: got %.*s, %.*s, %.*s", STR_ARG(row->cell[0]), STR_ARG(family), STR_ARG(user), STR_ARG(sure));
}

static void test_frequent_bases(void **state)
{
	struct arena arena;
	struct table_row row;
	uint32_t line = 0, count = 0;
	struct str why = STR("");
	(void)state;
	arena_init(&arena, NULL, 0);
	struct registries *registries = registries_read(&arena, file_bytes(&arena, UNROOT_TEMPLATES "/registries.tsv"), &line);
	assert_non_null(registries);
	struct image_table *table = image_table_read(&arena, file_bytes(&arena, UNROOT_TEMPLATES "/images.tsv"), STR(""), registries, &line, &why);
	assert_non_null(table);
	struct str text = arena_printf(&arena, "header\n%.*s", STR_ARG(file_bytes(&arena, UNROOT_TEMPLATES "/../tests/unit/bases.cases")));
	struct table_reader reader = table_read(text);
	for (; table_next(&reader, &row); count++)
		check(table, &row);
	assert_true(count >= 55);
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_frequent_bases)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
