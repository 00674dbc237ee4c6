/* A socket in the table of open files of a process. */
#ifndef BPF_OWNER_RECORD_H
#define BPF_OWNER_RECORD_H
#include <stdint.h>

struct owner_record {
	uint32_t inode;              /* of the socket */
	int32_t pid;                 /* of the process, in the reader's pid namespace */
	int32_t fd;
	int32_t thread;              /* whose table it is, if not the process'; else 0 */
	char command[16];            /* comm of the process */
};
#endif
