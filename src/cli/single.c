#include "cli/single.h"

#include <stdio.h>

#include "report/report.h"

struct config *single_config(struct configs *configs, const char *path)
{
	struct buf *errors = configs->errors;
	struct location at = location_of(configs->arena, arena_str(configs->arena, directory_of(str_of(path))).p);
	struct config *config = config_upward(configs, &at);
	bool ok = config_prepare(configs, config);
	if (errors->n)
		fwrite(errors->p, 1, errors->n, stderr);
	errors->n = 0;
	return ok ? config : NULL;
}

void single_error(struct arena *a, const char *path, unsigned line, unsigned column, const char *message)
{
	struct buf out = buf_new(a);
	report_error(&out, path, line, column, message);
	fwrite(out.p, 1, out.n, stderr);
}
