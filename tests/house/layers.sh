#!/bin/bash
# The house keeps its layers, and tools/layers sees it when it does not: breaches planted in a scratch tree are caught.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)

# plant FILE TEXT: a tree with this one file in it.
plant()
{
	rm -rf "$scratch/src" "$scratch/include"
	mkdir -p "$(dirname "$scratch/$1")"
	printf '%b\n' "$2" >"$scratch/$1"
	"$root/tools/layers" "$scratch" >"$scratch/out" 2>&1
}

# caught NAME FILE TEXT COMPLAINT; passes NAME FILE TEXT
caught()
{
	plant "$2" "$3"
	[ $? = 1 ] && grep -q -e "^$2:[0-9]*: .*$4" "$scratch/out"
	result "caught: $1" $?
}

passes()
{
	plant "$2" "$3"
	result "passes: $1" $?
}

long_function="void f(void)\n{\n$(printf '\\tg();\\n%.0s' {1..80})}"

echo 1..15
"$root/tools/layers" "$root" >"$scratch/out" 2>&1
result 'this tree' $?
caught 'a lower layer includes a higher one' src/base/x.c '#include "cli/command.h"' 'base may not include cli'
caught 'doctor includes change' src/doctor/x.c '#include "change/change.h"' 'doctor may not include change'
caught 'a folder below a layer' src/lab/workload/x.c '#include "run/run.h"\n#include "doctor/finding.h"' 'lab may not include doctor'
caught 'a header of no layer' src/run/x.c '#include "../base/text.h"' 'in no layer'
caught 'a folder that is no layer' src/utils/x.c 'int x;' 'is no layer'
caught '<linux/...> in the library' src/socket/x.c '#include <linux/tcp.h>' 'no <linux'
caught 'malloc in the library' src/catalog/x.c 'void *f(void) { return malloc(1); }' 'allocates nothing'
caught 'printing outside cli' src/lab/x.c 'void f(void) { fputs("x", stderr); }' 'only cli prints'
caught 'exit outside main' src/cli/x.c 'void f(void) { exit(1); }' 'only main exits'
caught 'setsockopt outside socket' src/change/x.c 'int f(void) { return setsockopt(1, 2, 3, 0, 0); }' 'only socket sets'
caught 'a function of 83 lines' src/base/x.c "$long_function" 'f has 83 lines'
passes 'what the table allows' src/lab/x.c '#include <linux/tcp.h>\n#include "base/text.h"\n#include "run/run.h"\n#include "sockctl.h"'
passes 'words in comments and strings' src/base/x.c '/* malloc( printf( */ const char *s = "exit(1) stderr";'
passes 'snprintf and _exit' src/run/x.c 'void f(void) { snprintf(0, 0, "x"); _exit(1); }'
