/* A configuration of any kind is read, or refused with a line that names the file. */
#include "fuzz/fuzz.h"
#include "project/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct settings settings = {0};
	arena_init(&a, NULL, 0);
	struct buf errors = buf_new(&a);
	bool ok = yaml_read(&a, "config", (struct str){(const char *)data, size}, &settings, &errors);
	REQUIRE(ok || str_starts(buf_str(&errors), STR("config")));
	if (ok) {
		struct buf shown = buf_new(&a);
		settings_show(&settings, &shown);
	}
	arena_free(&a);
	return 0;
}
