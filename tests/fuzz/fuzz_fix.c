/* A fix of any file is refused, or its edits lie in order, its result parses, and a second run changes nothing. */
#include "fuzz/fuzz.h"
#include "unroot/unroot.h"

#include "base/str.h"

static void check_edits(const unroot_file *file)
{
	size_t at = 0;
	for (size_t i = 0; i < file->edit_count; i++) {
		REQUIRE(file->edits[i].start >= at && file->edits[i].start <= file->edits[i].end);
		REQUIRE(file->edits[i].end <= file->original_length);
		at = file->edits[i].end;
	}
}

static void check_settled(unroot_engine *engine, const unroot_file *file)
{
	unroot_report *again = NULL;
	size_t count;
	REQUIRE(unroot_run(&again, engine, "fuzz", file->fixed, file->fixed_length, NULL, NULL) == 0);
	unroot_files(again, &count);
	REQUIRE(count == 0);
	unroot_report_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const unroot_options options = {.least = UNROOT_UNSAFE};
	unroot_engine *engine = NULL;
	unroot_report *report = NULL;
	size_t count;
	REQUIRE(unroot_engine_new(&engine, &options, NULL) == 0);
	int result = unroot_run(&report, engine, "fuzz", (const char *)data, size, NULL, NULL);
	REQUIRE(result == 0 || result == UNROOT_ESYNTAX);
	if (result == 0) {
		const unroot_file *files = unroot_files(report, &count);
		REQUIRE(count <= 1);
		if (count == 1) {
			size_t length;
			check_edits(&files[0]);
			REQUIRE(unroot_diff(report, &files[0], "fuzz", &length) && length > 0);
			check_settled(engine, &files[0]);
		}
	}
	unroot_report_free(report);
	unroot_engine_free(engine);
	return 0;
}
