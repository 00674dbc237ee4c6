/* Our calls, linked; the real ones, loaded. Ours have to be hidden symbols, or the real library would call them. */
#include "mnl_calls.h"
#include <dlfcn.h>

#define OWN(name) .name = name,
const struct mnl_calls mnl_own = {MNL_CALLS(OWN)};

#define REAL(call) \
	real.call = (__typeof__(call) *)dlsym(library, #call); \
	missing |= !real.call || real.call == call;
const struct mnl_calls *mnl_real(void)
{
	static struct mnl_calls real;
	void *library = dlopen("libmnl.so.0", RTLD_NOW);
	int missing = !library;

	if (library) {
		MNL_CALLS(REAL)
	}
	return missing ? NULL : &real;
}
