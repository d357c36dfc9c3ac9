#include "project/nearest.h"

enum { LONGEST = 40 };

/* The number of letters to put in, leave out or change. */
static unsigned distance(struct str a, struct str b)
{
	unsigned row[LONGEST + 1];
	for (unsigned j = 0; j <= b.n; j++)
		row[j] = j;
	for (unsigned i = 1; i <= a.n; i++) {
		unsigned diagonal = row[0];
		row[0] = i;
		for (unsigned j = 1; j <= b.n; j++) {
			unsigned change = diagonal + (a.p[i - 1] != b.p[j - 1]);
			diagonal = row[j];
			unsigned other = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
			row[j] = change < other ? change : other;
		}
	}
	return row[b.n];
}

void nearest_try(struct nearest *n, const char *word)
{
	struct str w = str_of(word);
	if (n->wanted.n > LONGEST || w.n > LONGEST)
		return;
	unsigned d = distance(n->wanted, w);
	if (d < n->distance) {
		n->distance = d;
		n->word = word;
	}
}
