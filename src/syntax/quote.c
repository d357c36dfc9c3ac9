#include "syntax/quote.h"

#include "syntax/char_class.h"
#include "base/utf8.h"

static bool add_short_escape(struct buf *out, uint32_t c)
{
	static const char characters[] = "\a\b\f\n\r\t\v\\\"", letters[] = "abfnrtv\\\"";
	const char *known = c > 0 && c < 0x80 ? strchr(characters, (int)c) : NULL;
	if (known) {
		buf_char(out, '\\');
		buf_char(out, letters[known - characters]);
	}
	return known != NULL;
}

void quote_add(struct buf *out, struct str text)
{
	struct char_class printable = {.arena = out->arena, .pattern = "[\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}]"};
	size_t width;

	buf_char(out, '"');
	for (size_t i = 0; i < text.n; i += width) {
		uint32_t c = utf8_decode(text, i, &width);
		struct str bytes = {text.p + i, width};
		if (c == UTF8_BAD && width == 1)
			buf_printf(out, "\\x%02x", (unsigned)(unsigned char)text.p[i]);
		else if (add_short_escape(out, c))
			continue;
		else if (c < 0x20 || c == 0x7F)
			buf_printf(out, "\\x%02x", (unsigned)c);
		else if (c < 0x7F || char_class_has(&printable, c))
			buf_add(out, bytes);
		else
			buf_printf(out, c < 0x10000 ? "\\u%04x" : "\\U%08x", (unsigned)c);
	}
	buf_char(out, '"');
}
