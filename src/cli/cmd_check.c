/* unroot check: findings only. */
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/help.h"
#include "cli/run.h"

static const char help[] =
	"Usage: unroot check [OPTION]... [PATH]...\n"
	"Lists what stands in the way of a non-root container, and writes nothing.\n"
	"PATH is a file, a directory (default: .) or - for standard input.\n"
	"Exits 1 when a fix could mend something.\n\n" HELP_RULES HELP_ACCOUNT HELP_SURROUNDINGS HELP_PATHS HELP_REST;

static void check_one(struct worker *w, const struct input *in, struct result *r)
{
	struct analysis analysis;
	if (in->left_out) {
		r->outcome = OUTCOME_SILENT;
		return;
	}
	if (!run_analyse(w, in, r, &analysis))
		return;
	r->outcome = analysis.file_count	   ? OUTCOME_CHANGED
		     : run_needs_review(&analysis) ? OUTCOME_REVIEW
						   : OUTCOME_UNCHANGED;
	run_report(w, in, &analysis, false, r);
}

int cmd_check(struct arena *a, int argc, char **argv)
{
	struct options o;
	int code = options_read(&o, a, FOR_CHECK, argc, argv, help);
	if (code != OPTIONS_GO)
		return code;
	struct run run = {.options = &o,
			  .each = check_one,
			  .changed = "can be fixed",
			  .found_is_failure = true,
			  .judge = true,
			  .summary = true,
			  .format = o.format ? o.format : &report_text};
	run.colour_report = !o.output_file && terminal_wants_colour(o.colour, 1);
	return run_all(&run);
}
