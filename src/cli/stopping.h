/* The signals that end a measurement early: they are noted, and who measures looks between its runs. */
#ifndef CLI_STOPPING_H
#define CLI_STOPPING_H

extern volatile int stop_signal;                     /* 0: go on */
/* SIGINT, SIGTERM and SIGHUP are noted from now on; but what the caller ignores (nohup, a shell's `&`) stays ignored. */
void stop_catch(void);
#endif
