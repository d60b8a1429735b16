#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Runs in the guest of tests/bench/kexec: every load in turn, then each with less and less memory.
# The peer gets the same kernel and initrd as files; both read them from the ESP, caches dropped.
set -u
DIR=/boot/bench
ROUNDS=3

say() {
	echo "BENCH: $*"
}

drop_caches() {
	sync
	echo 3 >/proc/sys/vm/drop_caches
}

ours() { "$DIR/measure" "$1" load "$2" 2>&1; }

peer() {
	"$DIR/measure" "$1" run kexec -s -l "$DIR/linux" --initrd="$DIR/initrd$2" --command-line=x 2>&1
}

rounds() {
	local size=$1 round

	for round in $(seq "$ROUNDS"); do
		drop_caches
		ours "uki$size.$round" "uki$size.efi"
		drop_caches
		ours "files$size.$round" "files$size.conf"
		drop_caches
		peer "peer$size.$round" "$size"
	done
}

available() {
	awk '/^MemAvailable:/ {print int($2 / 1024)}' /proc/meminfo
}

# leave MIB: a file in memory takes the rest.
leave() {
	rm -f /run/ballast/file
	drop_caches
	dd if=/dev/zero of=/run/ballast/file bs=1M count=$(($(available) - $1)) 2>/dev/null
}

# What dies for want of memory is the program that loads.
expendable() (
	echo 1000 >/proc/self/oom_score_adj
	"$@"
)

# least NAME FROM COMMAND...: the least memory, in steps of 16 MiB, with which it still works.
least() {
	local name=$1 mib=$2 works=none
	shift 2

	while [ "$mib" -gt 32 ]; do
		leave "$mib"
		expendable "$@" >/dev/null 2>&1 || break
		works=$mib
		mib=$((mib - 16))
	done
	rm -f /run/ballast/file
	say "$name least_mib=$works fails_mib=$mib"
}

main() {
	local before after

	mkdir -p /etc/bootassess /run/ballast
	mount -t tmpfs -o size=100% tmpfs /run/ballast
	printf '[Ladder]\nSystem=*\n' >/etc/bootassess/bootassess.conf
	say "kexec: $(kexec --version)"
	before=$(find /tmp /var/tmp /dev/shm | sort)
	rounds 60
	rounds 200
	after=$(find /tmp /var/tmp /dev/shm | sort)
	say "leftovers: $(comm -13 <(echo "$before") <(echo "$after") | wc -l)"
	least uki60 288 ours uki60 uki60.efi
	least files60 288 ours files60 files60.conf
	least peer60 288 peer peer60 60
	say "end"
}

main
