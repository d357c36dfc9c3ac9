/* Where a run's report goes, file by file: standard output, or a file that is there when it is whole. */
#ifndef UNROOT_CLI_REPORT_STREAM_H
#define UNROOT_CLI_REPORT_STREAM_H

#include "base/file.h"
#include "report/report.h"

struct report_stream {
	const struct report_format *format;
	const char *name; /* of the file, or NULL */
	struct file_output output;
	FILE *to;
	bool begun;
	bool lost;   /* a note, for want of memory */
	FILE *notes; /* in memory */
	char *note_text;
	size_t note_length;
};

/* `name` NULL: standard output. On failure false, after a line on standard error. */
bool report_stream_open(struct report_stream *s, const struct report_format *format, const char *name);

/* What the format made of one Dockerfile, and what that adds to the end; both may be empty. */
void report_stream_add(struct report_stream *s, struct str text, struct str note);

/* Writes the end. `failed`: something went wrong in the run. On failure false, after a line on standard error. */
bool report_stream_close(struct report_stream *s, struct arena *a, bool failed);

#endif
