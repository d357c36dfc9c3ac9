#!/bin/sh
# Runs every account snippet of templates/*/account with the family's real tools, in a mount namespace of its own:
# /etc, /home and /var/mail are throw-away directories there, so that the machine's accounts stay as they are.
#
# Tools: the machine's useradd and groupadd; for alpine, wolfi and busybox a BusyBox with adduser and addgroup, given as
# BUSYBOX_ALPINE and BUSYBOX_STOCK (build-busybox.sh makes both) or, failing that, the machine's own busybox.
# What cannot be had is skipped by name. Ends with "N passed, N failed, N skipped".
set -u

here=$(cd "$(dirname "$0")" && pwd)
templates=$here/../../templates
passed=0 failed=0 skipped=0

skip() {
	echo "skipped: $1"
	skipped=$((skipped + 1))
}

finish() {
	rm -rf "${work:-}"
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" -eq 0 ]
	exit
}

if [ "$(id -u)" -ne 0 ]; then
	skip "all (needs root for a mount namespace)"
	finish
fi
if ! unshare -m true 2>/dev/null; then
	skip "all (no mount namespace here)"
	finish
fi
work=$(mktemp -d)

# The accounts of a family, from the image table's own list, as /etc/passwd, /etc/group and /etc/shadow.
write_accounts() { # list etc
	awk -F '\t' -v list="$1" -v etc="$2" '
	$1 == list {
		count = split($2, accounts, ";")
		for (i = 1; i <= count; i++) {
			split(accounts[i], f, ":")
			if (f[2] == "?")
				f[2] = 42
			print f[1] ":x:" f[2] ":" f[3] "::" f[4] ":/bin/sh" > (etc "/passwd")
			print f[1] ":*::0:::::" > (etc "/shadow")
			if (!seen[f[3]]++)
				print f[1] ":x:" f[3] ":" > (etc "/group")
		}
	}' "$templates/images.tsv"
}

# A fresh root: what the tools read below /etc, an empty /home and an empty /var/mail.
make_root() { # root list
	rm -rf "$1"
	mkdir -p "$1/etc" "$1/home" "$1/mail"
	for file in login.defs default pam.d security selinux skel nsswitch.conf ld.so.cache ld.so.conf; do
		[ -e "/etc/$file" ] && cp -a "/etc/$file" "$1/etc/"
	done
	write_accounts "$2" "$1/etc"
	: >"$1/etc/gshadow"
}

in_root() { # root path command
	# shellcheck disable=SC2016 # expanded by the inner shell
	unshare -m sh -c '
		mount --make-rprivate / && mount --bind "$1/etc" /etc && mount --bind "$1/home" /home &&
		mount --bind "$1/mail" /var/mail && PATH=$2 exec sh -c "$3"' sh "$1" "$2" "$3"
}

# The snippet as the fixer writes it: its lines joined with &&, placeholders filled in.
snippet() { # family
	sed -e 's/{user}/app/g; s/{group}/app/g; s/{uid}/10001/g; s/{gid}/10001/g; s,{home},/home/app,g' \
		-e 's/{manager}/package-manager/g; s/{package}/shadow/g' "$templates/$1/account" |
		awk '{ printf "%s%s", sep, $0; sep = " && " }'
}

verdict() { # name good
	if [ "$2" = yes ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: $1"
		sed 's/^/    /' "$work/output"
	fi
}

made_as_asked() { # root
	grep -q '^app:x:10001:10001:' "$1/etc/passwd" && grep -q '^app:x:10001:' "$1/etc/group"
}

try() { # family list path
	root=$work/root
	command=$(snippet "$1")

	make_root "$root" "$2"
	good=no
	if in_root "$root" "$3" "$command" >"$work/output" 2>&1 && made_as_asked "$root" && [ ! -s "$work/output" ] &&
		[ "$(stat -c %u:%g "$root/home/app")" = 10001:10001 ]; then
		good=yes
	fi
	verdict "$1, fresh image: made, silent, home handed over" $good

	# A build that stops is right where the account cannot be made; one that goes on with another account is not.
	for taken in name uid group; do
		make_root "$root" "$2"
		case $taken in
		name) echo 'app:x:1500:1500::/home/app:/bin/sh' >>"$root/etc/passwd" ;;
		uid) echo 'other:x:10001:10001::/:/bin/sh' >>"$root/etc/passwd" ;;
		group) echo 'app:x:1500:' >>"$root/etc/group" ;;
		esac
		good=no
		in_root "$root" "$3" "$command" >"$work/output" 2>&1 || good=yes
		verdict "$1, $taken taken: the step fails" $good
	done

	# The directory keeps its owner with useradd and may with BusyBox, so the fixer must not count on it.
	make_root "$root" "$2"
	mkdir "$root/home/app"
	good=no
	if in_root "$root" "$3" "$command" >"$work/output" 2>&1 && made_as_asked "$root"; then
		good=yes
	fi
	verdict "$1, home exists: made" $good
}

has_applets() { # busybox
	"$1" --list 2>/dev/null | grep -qx adduser && "$1" --list | grep -qx addgroup
}

try_busybox() { # family list busybox
	if [ -z "$3" ] || ! has_applets "$3"; then
		skip "$1 (no BusyBox with adduser and addgroup; see build-busybox.sh)"
		return
	fi
	applets=$work/applets
	rm -rf "$applets"
	mkdir "$applets"
	cp "$3" "$applets/busybox"
	ln -s busybox "$applets/adduser"
	ln -s busybox "$applets/addgroup"
	try "$1" "$2" "$applets:$PATH"
}

mkdir "$work/stubs"
ln -s /bin/true "$work/stubs/package-manager"
for pair in debian:@debian rhel:@rhel rhel-minimal:@rhel suse:@rhel suse-minimal:@rhel arch:@rhel; do
	family=${pair%%:*}
	if command -v useradd >/dev/null && command -v groupadd >/dev/null; then
		try "$family" "${pair#*:}" "$work/stubs:$PATH"
	else
		skip "$family (no useradd and groupadd)"
	fi
done
own=$(command -v busybox || true)
try_busybox alpine @alpine "${BUSYBOX_ALPINE:-$own}"
try_busybox wolfi @alpine "${BUSYBOX_ALPINE:-$own}"
try_busybox busybox @busybox "${BUSYBOX_STOCK:-${BUSYBOX_ALPINE:-$own}}"
finish
