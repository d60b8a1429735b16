# shellcheck shell=bash
# $BOOT on a RAID 1 of two disks, no UEFI, and no boot loader that we know: QEMU starts the kernel.
# shellcheck disable=SC2034 # read by lib-set-ups.sh
IMAGE=trixie-md
# shellcheck disable=SC2034
SUFFIX=conf
# shellcheck disable=SC2034
WAY=kexec
MD="rd.auto=1 test.pre=config-kexec"

set_up_machine() {
	machine -f bios
	disk boot "$@"
	disk boot2
	boot_folder
}

set_up_slot() {
	local name=$1 counter=$2
	shift 2

	boot_slot "$name" "$counter" "$MD" "$@"
	[ "${#SLOTS[@]}" != 1 ] || FIRST_OPTIONS="$*"
}

set_up_boot() {
	local i

	put_boot 1
	cp "$DIR/boot.img" "$DIR/half.img"
	for i in 0 1; do
		dd if="$DIR/half.img" of="$DIR/disk$i.img" bs=1M seek=1 conv=notrunc,sparse status=none
		"$WORK/md" "$DIR/disk$i.img" 1 "${PART_MIB[boot]}" "$i"
	done
	QEMU_ARGS+=(-kernel "$WORK/parts/$IMAGE/linux" -initrd "$WORK/parts/$IMAGE/initrd"
		-append "$(boot_options "$1" "$MD" "$FIRST_OPTIONS")")
	boot "${@:2}"
}

set_up_counters() {
	boot_counters
}

set_up_protect() {
	write_protect 0
	write_protect 1
}
