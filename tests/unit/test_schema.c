/* docs/unroot.schema.json says of .unroot.yaml what the program says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "project/image_rows.h"
#include "project/settings.h"

static json_t *schema;

static int read_schema(void **state)
{
	(void)state;
	schema = json_load_file(UNROOT_SCHEMA, JSON_REJECT_DUPLICATES, NULL);
	return schema == NULL;
}

static int free_schema(void **state)
{
	(void)state;
	json_decref(schema);
	return 0;
}

static const char *text(json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));
	return s ? s : "";
}

/* What a property refers to: "#/definitions/NAME" without its beginning. */
static const char *reference(json_t *property)
{
	const char *to = text(json_array_get(json_object_get(property, "allOf"), 0), "$ref");
	const char *slash = strrchr(to, '/');
	return slash ? slash + 1 : "";
}

static void check_setting(const struct setting *setting, json_t *property)
{
	json_t *choices = json_object_get(property, "enum");
	assert_true(*text(property, "description"));
	switch (setting->kind) {
	case SETTING_LIST:
		assert_string_equal(reference(property), "texts");
		break;
	case SETTING_RULES:
		assert_string_equal(reference(property), "rules");
		break;
	case SETTING_PAIRS:
		assert_string_equal(text(property, "type"), "object");
		break;
	case SETTING_USER:
	case SETTING_PATH:
		assert_string_equal(text(property, "type"), "string");
		break;
	case SETTING_TEXT:
		assert_string_equal(json_string_value(json_array_get(json_object_get(property, "type"), 0)), "string");
		break;
	case SETTING_ID:
		assert_string_equal(text(property, "type"), "integer");
		assert_int_equal(json_integer_value(json_object_get(property, "minimum")), 1);
		assert_int_equal(json_integer_value(json_object_get(property, "maximum")), UINT32_MAX - 1);
		break;
	case SETTING_FLAG:
		assert_string_equal(text(property, "type"), "boolean");
		assert_true(json_is_false(json_object_get(property, "default")));
		break;
	case SETTING_CHOICE:
		assert_int_equal(json_array_size(choices), 2);
		for (size_t i = 0; i < 2; i++)
			assert_string_equal(json_string_value(json_array_get(choices, i)), setting->choices[i]);
		assert_string_equal(text(property, "default"), setting->choices[0]);
		break;
	case SETTING_IMAGES:
		assert_int_equal(json_array_size(json_object_get(property, "anyOf")), 2);
		break;
	}
}

static void settings_are_those_of_the_table(void **state)
{
	(void)state;
	json_t *properties = json_object_get(schema, "properties"), *property;
	const char *key;
	json_object_foreach(properties, key, property)
	{
		const struct setting *setting = setting_by_key(str_of(key));
		if (!setting)
			fail_msg("%s is no setting", key);
		check_setting(setting, property);
	}
	assert_int_equal(json_object_size(properties), SETTING_COUNT);
	assert_true(json_is_false(json_object_get(schema, "additionalProperties")));
}

static void rules_are_the_rules(void **state)
{
	(void)state;
	json_t *names = json_object_get(json_object_get(json_object_get(schema, "definitions"), "rule"), "enum");
	size_t i = 0;
	for (; unroot_rule_id(i); i++)
		assert_string_equal(json_string_value(json_array_get(names, i)), unroot_rule_id(i));
	assert_int_equal(json_array_size(names), i);
}

static void columns_are_those_of_the_table(void **state)
{
	(void)state;
	json_t *image = json_object_get(json_object_get(schema, "definitions"), "image"), *property;
	const char *key;
	json_object_foreach(json_object_get(image, "properties"), key, property)
	{
		size_t column = image_column_by_name(str_of(key));
		if (column == IMAGE_COLUMNS)
			fail_msg("%s is no column", key);
		assert_int_equal(json_object_get(property, "anyOf") != NULL, image_columns[column].separator != 0);
	}
	assert_int_equal(json_object_size(json_object_get(image, "properties")), IMAGE_COLUMNS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(settings_are_those_of_the_table),
					   cmocka_unit_test(rules_are_the_rules),
					   cmocka_unit_test(columns_are_those_of_the_table)};
	return cmocka_run_group_tests(tests, read_schema, free_schema);
}
