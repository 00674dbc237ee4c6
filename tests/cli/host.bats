#!/usr/bin/env bats
# sockctl host: its values are those of /proc/sys, its file is one that sysctl(8) can read, and it changes nothing.

sockctl=${SOCKCTL:?path of the program}

@test "every value is what /proc/sys says" {
	run "$sockctl" host -j --pretty
	[ "$status" -eq 0 ]
	while read -r name value; do
		file=/proc/sys/${name//.//}
		[ -r "$file" ] || [ "$value" = null ] || return 1
		[ ! -r "$file" ] || [ "$(tr '\t' ' ' <"$file")" = "$value" ]
	done < <(sed -n '/"name"/{s/.*: "\(.*\)",/\1/;h};/"value"/{s/.*: "\{0,1\}\([^"]*\)"\{0,1\},/\1/;H;g;s/\n/ /p}' <<<"$output")
}

@test "a listener cut by somaxconn is counted" {
	command -v python3 >/dev/null || skip "python3 is not installed"
	unshare -rn true 2>/dev/null || skip "no user namespaces here"
	run unshare -rn sh -c 'ip link set lo up 2>/dev/null
		python3 -c "
import socket, subprocess, sys
listener = socket.create_server((\"127.0.0.1\", 0), backlog=2000000)
sys.exit(subprocess.call(sys.argv[1:]))" "$@"' sh "$sockctl" host
	[ "$status" -eq 0 ]
	[ "$(awk '/^net.core.somaxconn/ { print $4 }' <<<"$output")" -eq 1 ]
}

@test "a load is judged, and the file has one line for each limit that is too low" {
	run "$sockctl" host --rate 100gbit --rtt 200ms --connections 1000000 --sysctl.d
	[ "$status" -eq 0 ]
	[ "$(grep -vc '^#' <<<"$output")" -eq "$(grep -c '^net\.[a-z0-9_.]* = [0-9 ]*$' <<<"$output")" ]
	[[ $output == *"net.ipv4.tcp_rmem = "* ]]
	run "$sockctl" host --connections 1 --sysctl.d
	[[ $output == "# what is set on this host suffices"* ]]
}

@test "wrong input: half a path, no number, a file without a load, operands" {
	for flags in "--rate 1gbit" "--rtt 40ms" "--rate fast --rtt 1ms" "--connections 0" "--connections 99999999999999999999" --sysctl.d net.core.somaxconn; do
		# shellcheck disable=SC2086
		run "$sockctl" host $flags
		[ "$status" -eq 2 ]
	done
}
