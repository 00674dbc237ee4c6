# A fresh Debian 12 under build/, and how to go into it with mount and pid namespaces of one's own. Sourced; needs root, debootstrap
# and `cannot REASON`, which ends the script.
# shellcheck shell=bash
fresh_suite=bookworm
fresh_name=$(basename "$0")

# step NAME COMMAND: with the seconds it took, and its last line; ends the script where it fails. Inside too.
step()
{
	local name=$1 started=$SECONDS log=${step_log:-/var/log/step}
	shift
	if "$@" >"$log" 2>&1; then
		grep '^skipped: ' "$log"
		echo "$fresh_name: passed: $name ($((SECONDS - started)) s): $(tail -n 1 "$log")"
	else
		tail -n 100 "$log"
		echo "$fresh_name: FAILED: $name ($((SECONDS - started)) s)"
		exit 1
	fi
}

fresh_possible()
{
	[ "$(id -u)" = 0 ] || cannot 'needs root'
	command -v debootstrap >/dev/null || cannot 'no debootstrap here'
	command -v pivot_root >/dev/null || cannot 'no pivot_root here'
}

# The archive that this host uses itself, if it is one of Debian; else debootstrap's own choice.
fresh_mirror()
{
	apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 2>/dev/null | awk -v suite=$fresh_suite '$1 == suite { print $2; exit }'
}

# How this host reaches it: sources, keys, proxies, certificates.
fresh_configure()
{
	local root=$1 path
	if grep -qs "^VERSION_CODENAME=$fresh_suite" /etc/os-release; then
		rm -f "$root/etc/apt/sources.list"
		for path in /etc/apt/sources.list /etc/apt/sources.list.d /usr/share/keyrings /etc/apt/trusted.gpg.d /etc/apt/keyrings; do
			[ -e "$path" ] && mkdir -p "$root$(dirname "$path")" && cp -a "$path" "$root$(dirname "$path")"
		done
	fi
	for path in /etc/apt/apt.conf /etc/apt/apt.conf.d /etc/apt/auth.conf.d /etc/ssl/certs/ca-certificates.crt; do
		[ -e "$path" ] && mkdir -p "$root$(dirname "$path")" && cp -a "$path" "$root$(dirname "$path")"
	done
	cat /etc/resolv.conf >"$root/etc/resolv.conf"
}

# fresh_make ROOT PACKAGES LOG: PACKAGES with commas, beyond the minimal system.
fresh_make()
{
	# shellcheck disable=SC2046 # one word or none
	debootstrap --variant=minbase --include="$2" $fresh_suite "$1" $(fresh_mirror) >"$3" 2>&1 || {
		tail -n 20 "$3"
		cannot 'debootstrap failed'
	}
	fresh_configure "$1"
	rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/archives/*.deb
}

# fresh_enter ROOT SCRIPT FOLDER: runs SCRIPT there, with bash, the host's FOLDER read-only on /mnt. The new system becomes the root,
# by pivot_root: in a mere chroot the kernel allows no user namespaces; nothing else of the host's files stays.
fresh_enter()
{
	local root=$1 proxies
	{
		declare -f step
		echo "fresh_name=$fresh_name"
		cat "$2"
	} >"$root/root/inside"
	proxies=$(env | grep -iE '^[a-z]*_proxy=' || true)
	# shellcheck disable=SC2086,SC2016 # one word per variable; the inner shell's variables
	env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb $proxies \
		unshare --mount --pid --fork --kill-child bash -c '
			set -e
			mount --make-rprivate /
			mount --bind "$1" "$1"
			mount -t proc proc "$1/proc"
			mount --rbind /sys "$1/sys"
			mount --rbind /dev "$1/dev"
			mount -t tmpfs -o mode=1777 tmpfs "$1/tmp"
			mount --bind -o ro "$2" "$1/mnt"
			mkdir -p "$1/.host"
			cd "$1"
			pivot_root . .host
			cd /
			umount -l /.host
			exec bash /root/inside' bash "$root" "$3"
}
