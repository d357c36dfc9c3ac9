/* GitLab's Code Quality report: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
   One entry that it finds wrong makes it ignore all that come behind. */
#include "base/utf8.h"
#include "report/json.h"
#include "report/view.h"

static json_t *entry(struct arena *a, struct str path, unsigned line, unsigned end_line, const char *severity,
		     const char *rule, struct str text, const char *fingerprint)
{
	path = utf8_repair(a, path);
	return json_pack("{s:s%, s:s, s:s, s:s, s:[s], s:{s:s%, s:{s:I, s:I}}}", "description", text.p, text.n,
			 "check_name", rule, "fingerprint", fingerprint, "severity", severity, "categories", "Security",
			 "location", "path", path.p, path.n, "lines", "begin", (json_int_t)line, "end",
			 (json_int_t)end_line);
}

static bool gitlab_file(struct arena *a, const struct report_item *item, struct buf *out)
{
	static const char *const severities[] = {
		[UNROOT_DISPLAY] = "info",
		[UNROOT_UNSAFE] = "minor",
		[UNROOT_INTERFACE] = "major",
		[UNROOT_SAFE] = "major",
	};
	struct view v;
	struct view_finding f;
	bool ok = true, first = true;
	for (view_open(&v, a, item); ok && view_next(&v, &f); first = false) {
		buf_add(out, first ? STR("") : STR(",\n"));
		ok = json_add(out, entry(a, v.path, f.from.line, f.to.line, severities[f.finding->cls], f.finding->rule,
					 f.message, f.fingerprint));
	}
	if (item->error) {
		unsigned line = item->error->line ? item->error->line : 1;
		struct str message = report_plain(a, str_of(item->error->message));
		char fingerprint[VIEW_FINGERPRINT];
		view_fingerprint(fingerprint, v.path, "error", message);
		ok = ok && json_add(out, entry(a, v.path, line, line, "critical", "error", message, fingerprint));
	}
	return ok;
}

const struct report_format report_gitlab = {
	.name = "gitlab",
	.head = "[\n",
	.between = ",\n",
	.tail = "\n]\n",
	.file = gitlab_file,
};
