#define _GNU_SOURCE
#include "cli/report_stream.h"

#include <stdlib.h>

static bool fail(const struct report_stream *s, const char *message)
{
	fprintf(stderr, "%s: %s\n", s->name ? s->name : "standard output", message);
	return false;
}

bool report_stream_open(struct report_stream *s, const struct report_format *format, const char *name)
{
	struct file_error error;
	*s = (struct report_stream){.format = format, .name = name, .to = stdout};
	if (name && !file_output_open(&s->output, name, &error))
		return fail(s, error.message);
	if (name)
		s->to = s->output.stream;
	fputs(format->head, s->to);
	return true;
}

void report_stream_add(struct report_stream *s, struct str text, struct str note)
{
	if (text.n) {
		fputs(s->begun ? s->format->between : "", s->to);
		fwrite(text.p, 1, text.n, s->to);
		s->begun = true;
	}
	if (note.n) {
		if (s->notes)
			fputc(',', s->notes);
		else
			s->notes = open_memstream(&s->note_text, &s->note_length);
		if (s->notes)
			fwrite(note.p, 1, note.n, s->notes);
		else
			s->lost = true;
	}
}

/* The end as the format makes it; false when memory ran out. */
static bool add_end(struct report_stream *s, struct arena *a, bool failed)
{
	struct buf end = buf_new(a);
	bool ok = !s->lost;
	if (s->notes)
		ok = fclose(s->notes) == 0 && ok;
	ok = ok && s->format->end(a, (struct str){s->note_text, s->note_length}, failed, &end);
	free(s->note_text);
	fwrite(end.p, 1, end.n, s->to);
	return ok;
}

bool report_stream_close(struct report_stream *s, struct arena *a, bool failed)
{
	struct file_error error;
	bool whole = !s->format->end || add_end(s, a, failed);
	fputs(s->format->tail, s->to);
	if (!whole) {
		if (s->name)
			file_output_drop(&s->output);
		return fail(s, "out of memory");
	}
	return !s->name || file_output_close(&s->output, &error) || fail(s, error.message);
}
