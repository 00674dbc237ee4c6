/* Network devices of the calling thread's namespace, by rtnetlink. Each call is one request and its answer: 0 or
 * -errno. */
#ifndef LAB_DEVICE_H
#define LAB_DEVICE_H
#include <stdint.h>

enum { DEVICE_MAC = 6 };

/* A veth pair: `name` here, `peer` in the namespace `peer_netns` with the address peer_mac. */
int device_add_veth(const char *name, const char *peer, int peer_netns, const uint8_t peer_mac[DEVICE_MAC]);
int device_set_mac(const char *name, const uint8_t mac[DEVICE_MAC]);
int device_up(const char *name);
/* address: of family (AF_INET, AF_INET6), network byte order. IPv6 addresses are usable at once (no duplicate
 * detection). */
int device_add_address(const char *name, int family, const void *address, unsigned prefix_bits);
/* A neighbour that never has to be resolved. */
int device_add_neighbour(const char *name, int family, const void *address, const uint8_t mac[DEVICE_MAC]);
/* Turns an offload off ("tx-udp-segmentation"). -ENOENT: this kernel has no such feature. */
int device_disable_feature(const char *name, const char *feature);
#endif
