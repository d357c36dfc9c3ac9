/* Which words of a line announce a here-document. */
#ifndef UNROOT_SYNTAX_HEREDOC_H
#define UNROOT_SYNTAX_HEREDOC_H

#include "syntax/split.h"

struct heredoc_mark {
	struct str name;
	bool expand; /* the delimiter is unquoted */
	bool chomp;  /* <<- */
	size_t at;   /* offset in the line of the word that holds it */
};

struct heredoc_marks {
	struct heredoc_mark *at;
	size_t n, cap;
};

enum heredoc_result {
	HEREDOC_NONE,
	HEREDOC_FOUND,
	HEREDOC_BAD,	 /* BuildKit refuses the delimiter */
	HEREDOC_TOO_DEEP /* ${…} nested deeper than is read here */
};

/* Is this word, as BuildKit's shell lexer gives it, one that announces a here-document? */
enum heredoc_result heredoc_of_word(struct arena *a, struct str word, struct heredoc_mark *out);

/* Those of a logical line (keyword and all). A line that the lexer cannot read, for instance with
   an open quote, has none. HEREDOC_BAD and HEREDOC_TOO_DEEP set *bad to the word's offset. */
enum heredoc_result heredocs_of_line(struct arena *a, struct str line, struct heredoc_marks *out, size_t *bad);

#endif
