# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The same scenarios for every boot loader and every initramfs: sourced by lib.sh. A test that begins with
# set_up names set-ups (set-ups/NAME.sh) where others name images. Each brings
#
#	IMAGE               which one of tests/qemu/images
#	SUFFIX              of its entries: conf or efi
#	WAY                 how it leaves for another slot: firmware or kexec
#	set_up_machine PART...       a machine with the loader, and these partitions
#	set_up_slot NAME COUNTER OPTION...   COUNTER: "+3", or "" for a good slot
#	set_up_boot NAME [OPTION...]    the loader's default is this slot; boot, with these options
#	set_up_counters     the names of all entries or tries files that have a counter, with it
#	set_up_protect      nothing can be written to $BOOT any more

SET_UP=$IMAGE

set_up() {
	SLOTS=()
	# shellcheck source=/dev/null
	. "$HERE/set-ups/$SET_UP.sh"
	set_up_machine "$@"
}

# slot NAME[+L[-D]] [OPTION...]
slot() {
	local name=${1%%+*}
	local counter=${1#"$name"}
	shift

	SLOTS+=("$name")
	set_up_slot "$name" "$counter" "$@"
}

# expect_counters NAME[+L-D]...: of all slots.
expect_counters() {
	local name have=() all
	all=$(set_up_counters)

	for name in "${SLOTS[@]}"; do
		have+=("$(grep -x -F -e "$name.$SUFFIX" -e "$name" <<<"$all" || grep "^$name+" <<<"$all" ||
			echo "$name")")
	done
	have=("${have[@]//.$SUFFIX/}")
	[ "${have[*]}" = "$*" ] || die "counters are: ${have[*]}; not: $*"
}

# --- tries files on the ESP ---

esp_tries() {
	[ -n "$2" ] || return 0
	mmd -D s -i "${PART_AT[esp]}" ::/loader/bootassess >/dev/null 2>&1 || :
	esp_put - "/loader/bootassess/$1$2.$SUFFIX" </dev/null
}

esp_counters() {
	mdir -b -i "${PART_AT[esp]}" ::/loader/bootassess 2>/dev/null | sed 's|.*/||' || :
}

# --- the variables of the firmware ---

nvram() {
	"$WORK/nvram" "$DIR/vars.fd" "$@" || die "nvram $*"
}

# boot_entry NNNN NAME: Boot#### for EFI/Linux/NAME.efi on the ESP, the first partition.
boot_entry() {
	nvram boot "$1" "$2" 1 2048 $((PART_MIB[esp] * 2048)) "${PART_UUID[esp]}" "\\EFI\\Linux\\$2.efi"
}

# no_boot_order: QEMU tells the firmware nothing; only its own variables count.
no_boot_order() {
	QEMU_ARGS=("${QEMU_ARGS[@]/%,bootindex=[0-9]/}")
}

# --- $BOOT on ext4: made of a folder when it boots ---

BOOT_UUID=b0010000-0000-4000-8000-0000000000b0

boot_folder() {
	mkdir -p "$DIR/boot/loader/entries" "$DIR/boot/loader/bootassess"
	ln -f "$WORK/parts/$IMAGE/linux" "$WORK/parts/$IMAGE/initrd" "$DIR/boot"
}

# boot_slot NAME COUNTER OPTION...
boot_slot() {
	local name=$1 counter=$2
	shift 2

	{
		echo "title $name"
		echo "linux /linux"
		echo "initrd /initrd"
		echo "options $(boot_options "$name" "$@")"
	} >"$DIR/boot/loader/entries/$name.conf"
	[ -z "$counter" ] || : >"$DIR/boot/loader/bootassess/$name$counter.conf"
}

boot_options() {
	options "test.entry=$1" "bootassess.slot=$1" "test.conf=Loader/Boot=UUID=$BOOT_UUID" \
		test.conf=Initrd/EspTimeoutSec=60 "${@:2}"
}

# put_boot [MIB]: onto its partition; so much is left free at its end.
put_boot() {
	local at=${PART_AT[boot]##*@@}
	rm -f "$DIR/boot.img"
	mke2fs -q -F -t ext4 -U "$BOOT_UUID" -E root_owner=0:0 -d "$DIR/boot" "$DIR/boot.img" \
		"$((PART_MIB[boot] - ${1:-0}))M" >/dev/null || die "mke2fs"
	dd if="$DIR/boot.img" of="${PART_AT[boot]%@@*}" bs=1M seek="${at%M}" conv=notrunc,sparse \
		status=none
}

# boot_ls FOLDER: its names, after the journal was replayed.
boot_ls() {
	local at=${PART_AT[boot]##*@@}
	dd if="${PART_AT[boot]%@@*}" of="$DIR/boot.img" bs=1M skip="${at%M}" \
		count="${PART_MIB[boot]}" conv=sparse status=none
	e2fsck -p "$DIR/boot.img" >"$DIR/e2fsck.log" 2>&1 || [ $? = 1 ] ||
		die "\$BOOT is damaged: $(cat "$DIR/e2fsck.log")"
	debugfs -R "ls -p $1" "$DIR/boot.img" 2>/dev/null | cut -s -d/ -f6
}

# boot_cat FILE
boot_cat() {
	debugfs -R "cat $1" "$DIR/boot.img" 2>/dev/null
}

boot_counters() {
	boot_ls /loader/bootassess
}

# --- GRUB ---

GRUB=${GRUB:-/usr/lib/grub}
GRUB_MODULES="part_gpt ext2 fat loadenv normal linux configfile test echo serial search reboot
	terminal"

# grub_image FORMAT FILE PREFIX [MODULE...]
grub_image() {
	# shellcheck disable=SC2086 # words
	grub-mkimage -d "$GRUB/$1" -O "$1" -o "$2" -p "$3" $GRUB_MODULES "${@:4}" ||
		die "grub-mkimage"
}

# grub_config: what the distribution would have written, with our part of it. Variable: GRUB_SET, a line
# before that part.
grub_config() {
	local name

	mkdir -p "$DIR/boot/grub"
	cp "$HERE/../../src/grub/bootassess.cfg" "$DIR/boot/grub"
	{
		[ "$FIRMWARE" != bios ] || printf '%s\n' serial 'terminal_output serial'
		echo "${GRUB_SET:-}"
		# shellcheck disable=SC2016 # GRUB's
		echo 'source $prefix/bootassess.cfg'
		echo 'set timeout=0'
		for name in "${SLOTS[@]}"; do
			echo "menuentry 'The system $name' --id $name {"
			echo "	linux /linux $(sed -n 's/^options //p' \
				"$DIR/boot/loader/entries/$name.conf")"
			echo "	initrd /initrd"
			echo "}"
		done
	} >"$DIR/boot/grub/grub.cfg"
}

# grub_default NAME
grub_default() {
	grub-editenv "$DIR/boot/grub/grubenv" create
	grub-editenv "$DIR/boot/grub/grubenv" set "saved_entry=$1"
}

# grub_environment: as GRUB's own tool reads it, after a boot.
grub_environment() {
	boot_ls / >/dev/null
	boot_cat /grub/grubenv >"$DIR/grubenv"
	grub-editenv "$DIR/grubenv" list
}

# le64_at FILE OFFSET NUMBER
le64_at() {
	{
		le32 "$3"
		le32 0
	} | patch_bytes "$1" "$2"
}

# grub_bios: boot.img into the first sector, and the core image into the partition "bios". Sources:
# GRUB, include/grub/i386/pc/boot.h: where the first sector finds the core (0x5c), and where that has
# the list of its own blocks (0x1f4: the sector, their number, their segment).
grub_bios() {
	local at=${PART_AT[bios]##*@@} core=$DIR/core.img sector
	sector=$((${at%M} * 2048))

	grub_image i386-pc "$core" "(,gpt2)/grub" biosdisk
	le64_at "$core" $((0x1f4)) $((sector + 1))
	{
		le32 $(((($(stat -c %s "$core") + 511) / 512 - 1) | 0x820 << 16))
	} | patch_bytes "$core" $((0x1fc))
	dd if="$core" of="${PART_AT[bios]%@@*}" bs=1M seek="${at%M}" conv=notrunc status=none
	cp "$GRUB/i386-pc/boot.img" "$DIR/boot.sector"
	le64_at "$DIR/boot.sector" $((0x5c)) "$sector"
	dd if="$DIR/boot.sector" of="${PART_AT[bios]%@@*}" bs=1 count=440 conv=notrunc status=none
}
