/* The calls of libmnl as src/static/mnl.c has them, and as the real library: to be compared. */
#pragma once
#include <libmnl/libmnl.h>

#define MNL_CALLS(CALL) \
	CALL(mnl_nlmsg_put_header) \
	CALL(mnl_nlmsg_put_extra_header) \
	CALL(mnl_nlmsg_get_payload) \
	CALL(mnl_nlmsg_get_payload_len) \
	CALL(mnl_nlmsg_ok) \
	CALL(mnl_nlmsg_next) \
	CALL(mnl_attr_get_type) \
	CALL(mnl_attr_get_payload) \
	CALL(mnl_attr_get_payload_len) \
	CALL(mnl_attr_ok) \
	CALL(mnl_attr_next) \
	CALL(mnl_attr_put) \
	CALL(mnl_attr_put_u8) \
	CALL(mnl_attr_put_u32) \
	CALL(mnl_attr_put_strz) \
	CALL(mnl_attr_nest_start) \
	CALL(mnl_attr_nest_end) \
	CALL(mnl_cb_run) \
	CALL(mnl_socket_open2) \
	CALL(mnl_socket_bind) \
	CALL(mnl_socket_close) \
	CALL(mnl_socket_get_fd) \
	CALL(mnl_socket_get_portid) \
	CALL(mnl_socket_sendto) \
	CALL(mnl_socket_recvfrom)

#define MNL_CALL_MEMBER(name) __typeof__(name) *name;
struct mnl_calls {
	MNL_CALLS(MNL_CALL_MEMBER)
};

extern const struct mnl_calls mnl_own;
/* NULL where there is no libmnl.so.0, or it lacks one of them. */
const struct mnl_calls *mnl_real(void);
