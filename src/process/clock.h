/* Time that only goes forward. */
#ifndef UNROOT_PROCESS_CLOCK_H
#define UNROOT_PROCESS_CLOCK_H

/* Milliseconds since some moment before this program was started. */
long long clock_ms(void);

#endif
