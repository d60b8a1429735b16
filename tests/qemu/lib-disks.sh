# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What is done to the disks of a machine; sourced by lib.sh. N: which one, from 0 on.

# write_protect N: from now on the guest cannot write to it.
write_protect() {
	local i
	for i in "${!QEMU_ARGS[@]}"; do
		[[ ${QEMU_ARGS[i]} != "if=none,id=disk$1,"* ]] || QEMU_ARGS[i]+=,readonly=on
	done
}

# log_writes N: from now on each write and each flush of the guest goes to $DIR/diskN.log, too.
log_writes() {
	local i file=$DIR/disk$1
	for i in "${!QEMU_ARGS[@]}"; do
		[[ ${QEMU_ARGS[i]} = "if=none,id=disk$1,"* ]] || continue
		QEMU_ARGS[i]="if=none,id=disk$1,driver=blklogwrites"
		QEMU_ARGS[i]+=",file.driver=file,file.filename=$file.img,file.cache.no-flush=on"
		QEMU_ARGS[i]+=",log.driver=file,log.filename=$file.log,log.cache.no-flush=on"
	done
}

# power_cut N SEED: the disk as a power cut leaves it at some moment of the last boot, which began with
# $DIR/diskN.before.
power_cut() {
	local file=$DIR/disk$1
	cp --sparse=always "$file.before" "$file.img"
	"$WORK/cut" "$file.img" "$file.log" "$2" || die "cut"
}

# device_of N: at which of QEMU's arguments the disk is.
device_of() {
	local i
	for i in "${!QEMU_ARGS[@]}"; do
		[[ ${QEMU_ARGS[i]} != "virtio-blk-pci,drive=disk$1,"* ]] || echo "$i"
	done
}

# unplug N: takes it out of the machine.
unplug() {
	local at
	at=$(device_of "$1")
	unset "QEMU_ARGS[$at]" "QEMU_ARGS[$((at - 1))]"
}

# boot_order N INDEX: where the firmware has it; the lowest is booted.
boot_order() {
	QEMU_ARGS[$(device_of "$1")]="virtio-blk-pci,drive=disk$1,bootindex=$2"
}
