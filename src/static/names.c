/* Names in the static program, which is linked with this file and nothing else is: they come from files and from DNS, both of
 * which are part of it. glibc would go by the host's nsswitch.conf and load modules such as libnss_systemd, together with a
 * second libc, into a program that has none: that ends in SIGSEGV (seen with glibc 2.36 on a host with the same glibc). */
#include <nss.h>

static __attribute__((constructor)) void names_without_modules(void)
{
	__nss_configure_lookup("services", "files");
	__nss_configure_lookup("passwd", "files");
	__nss_configure_lookup("hosts", "files dns");
}
