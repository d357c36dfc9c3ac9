/* What a Dockerfile says of a port after it has moved. */
#ifndef UNROOT_TESTS_PROPERTY_PORTS_H
#define UNROOT_TESTS_PROPERTY_PORTS_H

#include "support/support.h"
#include "unroot/unroot.h"

/* The ports that the report says it moved: the numbers before, ended by 0. */
const unsigned *moved_ports(struct arena *a, const unroot_report *report);

/* The first place of the fixed text that still names the port, for a message; NULL where there is none. */
const char *still_named(struct arena *a, unroot_engine *engine, struct str fixed, unsigned port);

#endif
