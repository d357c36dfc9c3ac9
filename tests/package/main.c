#include <stdio.h>
#include <unroot/unroot.h>

int main(void)
{
	printf("%s\n", unroot_version());
	return 0;
}
