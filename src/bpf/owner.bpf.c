/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* iter/task_file: who has which socket open. The kernel leaves out threads that share the table of their process. */
#include "bpf/kernel.h"
#include <stdint.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "bpf/owner_record.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* The id as the reader's pid namespace counts; the iterator gives only who is in that. 0: it has just ended. */
static __always_inline int pid_of(struct task_struct *task)
{
	__u32 level = bpf_get_current_task_btf()->thread_pid->level;
	struct pid *pid = task->thread_pid;
	int number = 0;

	bpf_probe_read_kernel(&number, sizeof number,
			      (char *)pid + bpf_core_field_offset(struct pid, numbers) +
				      level * bpf_core_type_size(struct upid) + bpf_core_field_offset(struct upid, nr));
	return number;
}

SEC("iter/task_file")
int socket_owners(struct bpf_iter__task_file *context)
{
	struct task_struct *task = context->task, *leader;
	struct file *file = context->file;
	struct owner_record record = {0};

	if (!task || !file || !bpf_sock_from_file(file))
		return 0;
	leader = task->group_leader;
	record.inode = file->f_inode->i_ino;
	record.pid = pid_of(leader);
	if (!record.pid)
		return 0;
	record.thread = task == leader ? 0 : pid_of(task);
	record.fd = context->fd;
	bpf_probe_read_kernel(record.command, sizeof record.command, leader->comm);
	bpf_seq_write(context->meta->seq, &record, sizeof record);
	return 0;
}
