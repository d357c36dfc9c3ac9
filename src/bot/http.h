/* HTTP through libcurl: TLS is verified, redirects to another host lose the token, and what a server asks for when it
   is busy is done. */
#ifndef UNROOT_BOT_HTTP_H
#define UNROOT_BOT_HTTP_H

#include "bot/secret.h"

struct http {
	struct arena *arena;
	void *curl; /* a CURL handle */
	const struct secret *secret;
	const char *scheme;	    /* of the Authorization header: "Bearer" */
	const char *const *headers; /* "Name: value", ended by NULL */
	unsigned longest_wait;	    /* seconds that a server may ask for */
	bool verbose;		    /* tell each request on standard error */
	size_t requests;	    /* sent so far, repeated ones included */
};

struct http_response {
	long status; /* 0: there was no answer */
	struct str body;
	struct str error; /* why there was none */
	bool transient;	  /* it may go well another time; whether the request took effect is not known */
};

/* False with a reason when libcurl cannot be used. */
bool http_init(struct http *h, struct arena *a, const struct secret *secret, const char *scheme,
	       const char *const *headers);
void http_free(struct http *h);

/* Whether a token may be sent there: https, or http to this machine. */
bool http_is_private(struct arena *a, struct str url);

/* Sends a request; `json` is its body, empty for none. Busy servers (429, 403 with a limit's headers) are waited for as
   long as they say, up to longest_wait; 5xx and broken connections are tried again with growing pauses, but for POST,
   of which nobody knows then whether it took effect. */
void http_send(struct http *h, const char *method, struct str url, struct str json, struct http_response *r);

#endif
