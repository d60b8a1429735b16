#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# In the guest: bless and status against systemd-bless-boot and bootctl, in turn, on the same
# entries. The ESP is mounted at /boot, which only the peers need; it is on a disk of its own, /dev/vda.

ROUNDS=5
ENTRIES=/boot/loader/entries
TIMEFORMAT='%R %U %S'

sectors() {
	local fields
	read -ra fields </sys/block/vda/stat
	echo "${fields[6]}"
}

# measure NAME COMMAND...
measure() {
	local name=$1 before times
	shift
	sync
	before=$(sectors)
	{ times=$({ time "$@" >/dev/null 2>/run/bench.err; } 2>&1); } || sed 's/^/BENCH: failed: /' /run/bench.err
	echo "BENCH: $name $times $(($(sectors) - before))"
}

# The entry as the loader left it, and nobody has blessed this boot.
unblessed() {
	mv $ENTRIES/active*.conf $ENTRIES/active+2-1.conf 2>/dev/null
	rm -f /run/bootassess/*.blessed
	sync
}

for ((i = 0; i < ROUNDS; i++)); do
	unblessed
	measure peer-bless /usr/lib/systemd/systemd-bless-boot good
	unblessed
	measure bless bootassess bless
	measure bless-again bootassess bless
	measure peer-status bootctl status --no-pager
	measure status bootassess status
	measure empty /bin/true
done
echo "BENCH: end"
