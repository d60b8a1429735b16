#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# init= of the tests of power cuts: says that it was reached, then changes the ESP again and again
# until the power goes.
export PATH=/usr/sbin:/usr/bin LC_ALL=C

# The state as the initramfs has left it, through a mount of its own.
report() {
	mount -t vfat -o ro,umask=0077 "PARTUUID=$1" /boot
	# shellcheck disable=SC2012 # plain names
	echo "TEST: entries: $(ls /boot/loader/entries | paste -sd' ')"
	cp /boot/linux /boot/initrd /run
	umount /boot
	echo "TEST: root reached cmdline=$(cat /proc/cmdline)"
}

# options ID: those of this boot, for that entry.
options() {
	sed "s/.*\(console=\)/\1/; s/test\.entry=[^ ]*/test.entry=$1/; s/ test\.round=.*//" /proc/cmdline
}

# extra ROUND: one more initrd, of 20 KB: a cpio archive of nothing, whose time is the round.
extra() {
	printf '070701%032d%08d%s%040d0000000b%08d%s' 0 1 "$1" 0 0 'TRAILER!!!' >"/run/$1"
	truncate -s 20480 "/run/$1"
}

# steps ID OTHER ROUND: a cut may have left a pin.
steps() {
	local id=$1 other=$2

	cat <<END
unpin
bless
copy $id $other --options=$(options "$other")
mark bad $other
rearm $other
rearm $id
mark good $id
install $other --linux=/run/linux --initrd=/run/initrd --initrd=/run/$3 --options=$(options "$other") test.round=$3
mark bad $other
mark good $other
pin $other
unpin
END
}

# step LINE: an option that begins with --options= is the rest of the line.
step() {
	case $1 in
	*' --options='*)
		# shellcheck disable=SC2086 # words
		bootassess ${1%% --options=*} "--options=${1#* --options=}"
		;;
	*)
		# shellcheck disable=SC2086 # words
		bootassess $1
		;;
	esac
}

main() {
	local id other=passive line n=0 round

	mountpoint -q /sys/firmware/efi/efivars ||
		mount -t efivarfs efivarfs /sys/firmware/efi/efivars
	report e5900000-0000-4000-8000-000000000001
	id=$(tr ' ' '\n' </proc/cmdline | sed -n 's/^test\.entry=//p' | tail -n 1)
	[ "$id" != passive ] || other=active
	while :; do
		round=$(printf %04x%04x $RANDOM $RANDOM)
		extra "$round"
		while read -r line; do
			step "$line" </dev/null || echo "TEST: failed: $line: $?"
			n=$((n + 1))
			echo "TEST: step $n: $line"
		done < <(steps "$id" "$other" "$round")
	done
}

main </dev/null >/dev/ttyS0 2>&1
