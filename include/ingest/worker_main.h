/* worker_main.h - the process that reads FITS: what `cutoutd worker` runs. See
 * archive/worker.h for its side of the talk. */
#pragma once

/* Answer questions on the socket until it is closed. Returns the exit status. */
int worker_main(void);
