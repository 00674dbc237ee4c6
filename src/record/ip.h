/* IP addresses as text, the same that inet_ntop() gives and many times as fast. */
#ifndef RECORD_IP_H
#define RECORD_IP_H
#include <stdint.h>

enum { IP_TEXT = 45 };               /* "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255" */

/* Of 4 or 16 bytes in network order. Writes at most IP_TEXT characters and no 0 behind them; returns the end. */
char *ip4_put(char *at, const uint8_t address[4]);
char *ip6_put(char *at, const uint8_t address[16]);
#endif
