/* main() for compilers without libFuzzer: runs the files that are named once each. */
#include "fuzz/fuzz.h"
#include "support/support.h"

#include <stdio.h>

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		struct arena a;
		arena_init(&a, NULL, 0);
		struct str bytes = file_bytes(&a, argv[i]);
		LLVMFuzzerTestOneInput((const uint8_t *)bytes.p, bytes.n);
		arena_free(&a);
	}
	printf("%d inputs\n", argc - 1);
	return 0;
}
