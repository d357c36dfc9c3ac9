/* What is known of a Dockerfile, for `unroot facts`: docs/facts.md. */
#ifndef UNROOT_REPORT_FACTS_H
#define UNROOT_REPORT_FACTS_H

#include "base/buf.h"
#include "plan/plan.h"

/* The `n` target stages of one Dockerfile (at least one) as one JSON object and a line end. False when memory ran
   out. */
bool facts_json(struct arena *a, const char *path, const struct plan *const *plans, size_t n, struct buf *out);

/* The same for people: the most important first, the evidence in parentheses. */
void facts_text(struct arena *a, const char *path, const struct plan *const *plans, size_t n, struct buf *out);

/* The same of one instruction alone, without a headline: nothing where nothing is known. What is known of a whole stage is told
   of its FROM. */
void facts_text_at(struct arena *a, const struct plan *const *plans, size_t n, uint32_t ins, struct buf *out);

/* Why the start has its verdict; also where the facts leave that open. */
struct str facts_start_why(struct arena *a, const struct start *start);

/* What the file is for. */
enum purpose {
	PURPOSE_UNKNOWN,
	PURPOSE_APPLICATION,
	PURPOSE_BASE /* built upon or entered */
};
enum purpose facts_purpose(const struct facts *f, struct str *why);

/* The words of both formats. */
const char *facts_purpose_name(enum purpose purpose);
const char *facts_tools_name(enum account_tools tools);
const char *facts_default_start_name(enum default_start start);
const char *facts_user_name(enum user_kind kind);
const char *facts_verdict_name(enum verdict verdict);
const char *facts_made_name(enum made_kind kind);
const char *facts_owner_name(enum owner_kind kind);
const char *facts_handover_name(enum handover_how how);

/* The name of the lowest flag that is set, which is taken away; NULL when none is left. */
const char *facts_take_flag(uint32_t *flags);

/* Why a variable has no value that is known; empty for one that has. */
struct str facts_variable_why(const struct variable *v);

#endif
