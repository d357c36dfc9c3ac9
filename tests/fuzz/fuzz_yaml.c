/* Compose files and manifests of any kind are read or refused with a place, and the nodes lie in the text. */
#include "fuzz/fuzz.h"
#include "project/yaml_nodes.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	const unroot_yaml_node *nodes;
	size_t n = 0;
	unroot_error error = {0};
	arena_init(&a, NULL, 0);
	int code = yaml_nodes(&a, (struct str){(const char *)data, size}, &nodes, &n, &error);
	REQUIRE(code == 0 || (code == UNROOT_ESYNTAX && *error.message));
	for (size_t i = 0; code == 0 && i < n; i++) {
		const unroot_yaml_node *node = &nodes[i];
		REQUIRE(node->parent <= i);
		REQUIRE(node->kind != UNROOT_YAML_ALIAS || node->target <= i);
		if (node->kind != UNROOT_YAML_SCALAR)
			continue;
		REQUIRE(node->start <= node->end && node->end <= size);
		if (node->verbatim)
			REQUIRE(node->end - node->start == node->value_length &&
				memcmp(data + node->start, node->value, node->value_length) == 0);
	}
	arena_free(&a);
	return 0;
}
