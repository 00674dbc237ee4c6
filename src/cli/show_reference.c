/* What the manual of show says of columns and of JSON, from the tables that make them. */
#include "cli/show.h"
#include "cli/view/socket_setting.h"
#include "record/table.h"

/* Keys that no other table has. */
static const struct key {
	const char *name, *help;
} envelope[] =
	{
		{"schema", "\"sockctl.show/1\": keys are added without another number, never taken away"},
		{"host", "name, kernel, boot_id, and netns: the inode of our network namespace"},
		{"time", "when it was asked: unix_us since 1970, since_boot_us by a clock that nobody sets"},
		{"query", "sockets and filter: which were asked for"},
		{"sockets",
		 "the records; with --ndjson each is a line of its own, and the rest of this object the last line"},
		{"read",
		 "when the first socket was read, and when the last: first_us and last_us, by the clock of since_boot_us; null: none was"},
		{"shown", "how many"},
		{"undecided", "sockets left out, since the filter could not be decided for them"},
		{"hidden_processes",
		 "processes that could not be looked into: sockets may have owners that are not shown"},
		{"options_source",
		 "iterator (BPF, sockets of all) or getsockopt (through the owners' fds); null: no options were asked for"},
		{"options_why", "why it is not the iterator"},
		{"complete", "false: the kernel cut the dump off, or some of it is not for this user"},
		{"why", "it is not complete"},
},
  record[] =
	  {
		  {"netns", "with -N: inode, and name (where it has none pid:N, or pid:self)"},
		  {"protocol", "tcp, udp, unix"},
		  {"family", "inet, inet6, unix"},
		  {"state", "by the names that FILTER takes"},
		  {"local",
		   "address and port; of a unix socket path, and abstract: true where it begins with a 0 byte, shown as @"},
		  {"peer", "address and port; of a unix socket the inode of its peer"},
		  {"interface", "index of the interface to which it is bound"},
		  {"inode", "as in /proc/PID/fd; 0: no program has it"},
		  {"cookie", "names the socket until the next boot"},
		  {"uid", "whose it is"},
		  {"queue", "of a listener: connections that wait for accept()"},
		  {"queue_limit", "how many may; one more still fits"},
		  {"rqueue_bytes", "arrived, not yet read by the program"},
		  {"wqueue_bytes", "written by the program, not yet acknowledged"},
		  {"mark", "SO_MARK, with -e, -O or -v, or where FILTER needs it; null without CAP_NET_ADMIN"},
		  {"cgroup_id", "inode of the cgroup in which it was made"},
		  {"congestion", "congestion control"},
		  {"owners",
		   "with -p or -v, or where FILTER needs them: pid, comm, fd, thread where that is the fd of a thread with a table of its own; with -p or -v cgroup and unit; with -v files, how many it has open, and files_limit, at which accept() fails; null: nobody could be seen"},
		  {"owners_why", "there may be others, as not every process could be looked into: why"},
		  {"tcp", "the numbers below that are \"of TCP\"; null where the kernel does not have it"},
		  {"skmem",
		   "rmem_alloc_bytes, rcvbuf_bytes, wmem_alloc_bytes, sndbuf_bytes, fwd_alloc_bytes, wmem_queued_bytes, optmem_bytes, "
		   "backlog_bytes, drops: as the columns of these names"},
		  {"options",
		   "with -O or -v, by their names: value (of a buffer what is granted, twice what a SPEC asks for), unit (none, s, ms, us, "
		   "bytes, bytes_per_s), text as a SPEC has it, source; with -v "
		   "setting, and default: the value on a new socket; without BPF busy-poll-budget, mtu and the multicast-if of IPv4 are "
		   "absent, as getsockopt does not tell them"},
		  {"options_why",
		   "with -O or -v, why options that sock_diag hides are not among them: the owner may not be looked into, nobody has "
		   "the socket open..."},
		  {"class_id",
		   "with -O or -v: of net_cls; where that is 0, SO_PRIORITY: the kernel does not tell which. This and the next five are not of unix "
		   "sockets"},
		  {"md5_keys",
		   "how many keys of TCP_MD5SIG, as mark; null without CAP_NET_ADMIN, and with -O by BPF of more than none before Linux 5.17"},
		  {"hdrincl", "IP_HDRINCL"},
		  {"nodefrag", "IP_NODEFRAG"},
		  {"defer_connect", "connect() has returned, and the SYN waits for data (TCP Fast Open)"},
		  {"congestion_info",
		   "what the congestion control tells: of bbr bandwidth_bytes_per_s, min_rtt_us, pacing_gain, cwnd_gain; of vegas and "
		   "others enabled, rtt_count, rtt_us, min_rtt_us; of dctcp enabled, ce_state, alpha, ecn_bytes, acked_bytes; null: nothing"},
		  {"congestion_info_why", "with -O by BPF, without -v: it does tell something, but only to sock_diag"},
		  {"receive_buffer",
		   "with -v: granted_bytes, usable_bytes, setting, asked (nothing, exactly, at_least, at_most, beyond_cap: exactly, though beyond the "
		   "cap, unknown), asked_bytes, cap and autotune: sysctl and bytes; window_shift, window_cap_bytes, and window_cuts: "
		   "the buffer holds more than can be announced"},
		  {"send_buffer", "the same, without a window"},
},
  difference[] = {
	  {"since", "the earlier look: file, unix_us, elapsed_us, complete"},
	  {"sockets",
	   "change: new (socket is its record), gone, changed; cookie, protocol, local, peer; of those that changed elapsed_us, the "
	   "time between the two looks at this socket (the earlier one by its place in the file, off by no more than that walk took), and "
	   "what changed: state, options and numbers with from and to, counters with from, to, difference and per_second"},
	  {"new, gone, changed, same", "how many"},
};
#define KEYS(out, title, rows) keys_put(out, title, rows, sizeof(rows) / sizeof *(rows))

/* A page of a manual has 80 columns, and indents what is in it. */
enum { WIDTH = 74, KEY = 18, INDENT = 2 + KEY + 1 };

static void key_put(FILE *out, const char *name, const char *help)
{
	fprintf(out, "  %-*s ", KEY, name);
	table_wrap(out, help, INDENT, WIDTH - INDENT);
}

static void keys_put(FILE *out, const char *title, const struct key *keys, size_t count)
{
	fputc('\n', out);
	table_wrap(out, title, 0, WIDTH);
	fputc('\n', out);
	for (size_t i = 0; i < count; i++)
		key_put(out, keys[i].name, keys[i].help);
}

void show_reference(FILE *out)
{
	fprintf(out, "Columns of -o and --sort:\n\n");
	socket_columns_list(out, WIDTH);
	KEYS(out, "JSON: what is unknown is null. The object of -j:", envelope);
	KEYS(out, "Each socket:", record);
	fprintf(out, "\nsetting:\n\n");
	for (unsigned i = 0; i < SETTING_COUNT; i++)
		key_put(out, setting_names[i], setting_help[i]);
	KEYS(out, "The object of --diff -j, schema \"sockctl.show.diff/1\", besides host, time, query, complete, why:",
	     difference);
}
