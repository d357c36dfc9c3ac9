#include "model/address.h"

size_t address_port(struct str value, bool bare, uint32_t *port)
{
	static const char *const hosts[] = {"", "0.0.0.0", "[::]", "*", "+", "127.0.0.1", "localhost", "::"};
	size_t digits = value.n;
	while (digits > 0 && ascii_digit(value.p[digits - 1]))
		digits--;
	if (digits == value.n || !str_to_u32(str_sub(value, digits, value.n), port))
		return STR_NONE;
	if (digits == 0)
		return bare ? 0 : STR_NONE;
	if (value.p[digits - 1] != ':')
		return STR_NONE;
	struct str host = str_sub(value, 0, digits - 1);
	size_t scheme = str_find(host, STR("://"), 0);
	if (scheme != STR_NONE)
		host = str_sub(host, scheme + 3, host.n);
	for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
		if (str_eq(host, str_of(hosts[i])))
			return digits;
	return STR_NONE;
}
