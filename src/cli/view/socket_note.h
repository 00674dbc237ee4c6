/* What is worth a look in one socket: at most one thing, the worst. Judges numbers of this instant and of the
 * socket's life; what has changed lately, and what to do about it, is the doctor's. */
#ifndef CLI_VIEW_SOCKET_NOTE_H
#define CLI_VIEW_SOCKET_NOTE_H
#include "fact/socket_fact.h"
#include "record/table.h"

/* Worst last. Each is documented in the manual of show: NOTE_LIST there is made of the same rows. */
#define NOTE_LIST(X) \
	X(NONE, PLAIN, "-", "nothing stands out") \
	X(RWND, WARN, "rwnd 63%", "the peer's window held the sender up, for half of its busy time or more") \
	X(SNDBUF, WARN, "sndbuf 63%", "its own send buffer held the sender up, for half of its busy time or more") \
	X(RESENT, WARN, "resent 3%", "so much of what was sent was sent again, in 3 segments or more: 1% is a lot") \
	X(PEER_CLOSED, WARN, "peer closed", "the peer has closed, the program has not (CLOSE-WAIT)") \
	X(UNREAD, WARN, "unread 12K", "data has arrived that the program has not read") \
	X(UNEVEN, WARN, "uneven 92%", "so much of all that wait at this address is in the queue of one listener") \
	X(WINDOW_SHUT, WARN, "window shut", "the peer takes no data: its window is probed") \
	X(NO_ANSWER, BAD, "no answer x3", "the same data was sent again, so many times in a row, without an answer") \
	X(DROPS, BAD, "drops 7", "so many packets or connections were dropped here since the socket was opened") \
	X(QUEUE_FULL, BAD, "queue full", "the accept queue is full: whoever connects now is dropped")

enum note_kind {
#define NOTE_VALUE(ID, tone, sample, help) NOTE_##ID,
	NOTE_LIST(NOTE_VALUE)
#undef NOTE_VALUE
	NOTE_COUNT
};

struct socket_note {
	enum note_kind kind;
	double amount;               /* to compare two of one kind by */
	char text[24];
};
extern const struct note_row {
	enum table_tone tone;
	const char *sample, *help;
} note_rows[NOTE_COUNT];

void socket_note(const struct socket_fact *, struct socket_note *ret);
/* Of `count` listeners on one address: is one queue much longer than the others'? False leaves ret as it is. */
bool socket_note_uneven(const uint32_t queue[], unsigned count, struct socket_note *ret);
/* Of a listener: how many wait for accept(), and how many may; one more still fits. False: nobody told. */
bool socket_queue(const struct socket_fact *, uint32_t *ret_queue, uint32_t *ret_limit);
/* Packets or connections dropped since the socket was opened. */
bool socket_drops(const struct socket_fact *, uint32_t *ret);
#endif
