/* Addresses that a program is told to bind. */
#ifndef UNROOT_MODEL_ADDRESS_H
#define UNROOT_MODEL_ADDRESS_H

#include "base/str.h"

/* The offset of a port at the end of "80", ":80", "0.0.0.0:80", "http://+:80", or STR_NONE. With `bare`, the number
   alone counts. */
size_t address_port(struct str value, bool bare, uint32_t *port);

#endif
