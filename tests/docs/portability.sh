#!/bin/bash
# docs/portability.md: it speaks of options that there are, and every claim names a source, or says that it is unknown.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)
document=$root/docs/portability.md

# The rows of its tables, without headings and rules: "first" or "cell", and what stands there. The column of Linux is left
# out: what it says is measured.
cells()
{
	awk -F' *[|] *' '
		/^[|] *(option)? *[|]/ { linux = $3 == "Linux" ? 3 : 0; next }
		/^[|]/ && !/^[|]-/ {
			for (i = 2; i < NF; i++)
				if (i != linux)
					print (i == 2 ? "first" : "cell") "\t" $i
		}' "$document"
}
cells >"$scratch/cells"
grep -rhoE '^OPTION\([a-z_0-9]+, \.name = "[^"]+"' "$root/src/catalog" | sed -E 's/.*"(.*)"/\1/' | sort >"$scratch/rows"

echo 1..4
sed -n 's/^first\t//p' "$scratch/cells" | grep -oE '`[a-z0-9-]+' | tr -d '`' | sort -u >"$scratch/named"
comm -23 "$scratch/named" "$scratch/rows" >"$scratch/out"
[ -s "$scratch/named" ] && [ ! -s "$scratch/out" ]
result 'every option that it names is in the catalogue' $?

sed -n 's/^cell\t//p' "$scratch/cells" | grep -vE '\[[A-Z][0-9]|unknown' >"$scratch/out"
[ ! -s "$scratch/out" ]
result 'every claim has a source, or says that it is unknown' $?

grep -oE '\b[FNOX][0-9]\b' "$document" | sort -u >"$scratch/used"
sed -nE 's/^- \[([FNOX][0-9])\] .*/\1/p' "$document" | sort -u >"$scratch/listed"
diff "$scratch/used" "$scratch/listed" >"$scratch/out" && [ -s "$scratch/listed" ]
result 'every source is listed' $?

while read -r source; do
	[ "$(grep -cE "[[ ]${source}[],]" "$document")" -ge 2 ] || echo "$source is listed, and nothing refers to it"
done <"$scratch/listed" >"$scratch/out"
[ ! -s "$scratch/out" ]
result 'every source is used' $?
