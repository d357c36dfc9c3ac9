#include "project/yaml_text.h"

#include "base/utf8.h"

static bool is_allowed(uint32_t c, size_t width)
{
	if (c < 0x20)
		return c == '\t' || c == '\n' || c == '\r';
	if (c == UTF8_BAD)
		return width > 1;
	return (c < 0x7f || c == 0x85 || c >= 0xa0) && c != 0xfffe && c != 0xffff;
}

const char *yaml_text_fault(struct str text, size_t *at)
{
	for (size_t width; *at < text.n; *at += width) {
		uint32_t c = utf8_decode(text, *at, &width);
		if (!is_allowed(c, width))
			return "a character that YAML does not allow";
	}
	return NULL;
}

void yaml_text_place(struct str text, size_t at, unsigned *line, unsigned *column)
{
	size_t start = 0;
	*line = 1;
	for (size_t i = 0; i < at && i < text.n; i++)
		if (text.p[i] == '\n') {
			(*line)++;
			start = i + 1;
		}
	*column = (unsigned)(at - start) + 1;
}
