/* Physical lines, and what BuildKit makes of one on its own. */
#ifndef UNROOT_SYNTAX_LINE_H
#define UNROOT_SYNTAX_LINE_H

#include "base/str.h"

struct physical {
	uint32_t start;
	uint32_t text_end; /* before the line end: every \r and \n at the end of the line */
	uint32_t end;
};

/* The line that begins at `start`; false at the end of the text. */
bool physical_line(struct str bytes, uint32_t start, struct physical *line);

/* First character that is no white space is a #. */
bool line_is_comment(struct str line);

/* One of the lines is a comment. */
bool lines_hold_comment(struct str lines);

/* Nothing but white space (Unicode's). */
bool line_is_blank(struct str line);

/* Where the escape character stands that joins the next line to this one, or STR_NONE. It may be
   followed by blanks and tabs, and does not count right behind another one. */
size_t line_continuation(struct str line, char escape);

/* The state of the file's head, where parser directives are looked for. */
struct directives {
	bool done;
	bool seen[3];
	char escape;
};

enum directive_result { DIRECTIVE_NONE, DIRECTIVE_OK, DIRECTIVE_REPEATED, DIRECTIVE_BAD_ESCAPE };

/* Reads one line of the head (the first line without its byte order mark). Anything but a
   directive ends the head. */
enum directive_result directives_line(struct directives *d, struct str line);

#endif
