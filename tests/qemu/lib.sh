# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What the QEMU tests are written with; sourced by every TEST-NN-NAME/test.sh. The usual test:
#
#	machine esp root               the partitions of one disk
#	loader_conf 'default active*'
#	entry active+3                 a type #1 entry; more words are kernel options
#	boot                           run until the guest is off
#	expect 'regex of a line on the serial console'
#	expect_entries active+2-1
#
# $IMAGE says which image of tests/qemu/images is booted, $PART which part of a test that has some,
# $DIR is where the machine lives.

export LC_ALL=C
shopt -s extglob
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
WORK=${QEMU_WORK:-$(cd "$HERE/../.." && pwd)/build/qemu}
IMAGE=${IMAGE:-trixie}
# A test with several machines may name its parts behind the image: trixie.cut.
PART=${IMAGE#"${IMAGE%%.*}"}
# shellcheck disable=SC2034 # read by the tests
PART=${PART#.}
IMAGE=${IMAGE%%.*}
QEMU=${QEMU:-qemu-system-x86_64}
ACCEL=${ACCEL:-tcg}
CPU=${CPU:-Nehalem}
OVMF=${OVMF:-/usr/share/OVMF}
BOOT_TIMEOUT=${BOOT_TIMEOUT:-400}

ESP_TYPE=C12A7328-F81F-11D2-BA4B-00A0C93EC93B
XBOOTLDR_TYPE=BC13C2FF-59E6-4262-A352-B275FD6F7172
BIOS_TYPE=21686148-6449-6E6F-744E-656564454649
LINUX_TYPE=0FC63DAF-8483-4772-8E79-3D69D8477DE4

# Partition name -> type, size in MiB, PARTUUID.
#   esp      with the loader, kernel and initrd    esp2      a second one, without a loader
#   root     reports and switches the machine off  garbage   an ESP whose FAT is garbage
#   empty    a root file system without an init    xbootldr  with kernel and initrd
#   broken   no file system                        missing   on no disk
#   data     an ext4 file system, PARTLABEL data
#   boot     $BOOT on ext4; boot2: its mirror      bios     where GRUB is under BIOS
#   grub     an ESP with GRUB (lib-set-ups.sh)
#   late     Debian's systemd and our units; it reports and does what test.late= says
#            (late/report.sh), test.fail fails a unit that boot-complete.target requires, and
#            test.check=fail|hang a health check (late/50-network)
declare -A PART_TYPE=([esp]=$ESP_TYPE [esp2]=$ESP_TYPE [xbootldr]=$XBOOTLDR_TYPE
	[garbage]=$ESP_TYPE [root]=$LINUX_TYPE [empty]=$LINUX_TYPE [broken]=$LINUX_TYPE
	[late]=$LINUX_TYPE [data]=$LINUX_TYPE [boot]=$LINUX_TYPE [boot2]=$LINUX_TYPE
	[bios]=$BIOS_TYPE
	[grub]=$ESP_TYPE)
declare -A PART_MIB=([esp]=64 [esp2]=64 [xbootldr]=64 [garbage]=64 [root]=8 [empty]=8 [broken]=8
	[late]=176 [data]=8 [boot]=64 [boot2]=64 [bios]=1 [grub]=40)
declare -A PART_UUID=([esp]=e5900000-0000-4000-8000-000000000001
	[esp2]=e5900000-0000-4000-8000-000000000002
	[garbage]=e5900000-0000-4000-8000-000000000003
	[xbootldr]=b0010000-0000-4000-8000-000000000001
	[boot]=b0010000-0000-4000-8000-000000000002
	[boot2]=b0010000-0000-4000-8000-000000000004
	[bios]=b0010000-0000-4000-8000-000000000003
	[grub]=e5900000-0000-4000-8000-000000000004
	[root]=40070000-0000-4000-8000-000000000001
	[empty]=40070000-0000-4000-8000-000000000002
	[broken]=40070000-0000-4000-8000-000000000003
	[late]=40070000-0000-4000-8000-000000000004
	[data]=40070000-0000-4000-8000-000000000005
	[missing]=40070000-0000-4000-8000-00000000000f)
declare -A PART_AT=()  # partition name -> FILE@@OFFSET, as mtools takes it

# A key whose private half comes with OVMF: OVMF_VARS_4M.snakeoil.fd trusts it, and nothing else.
SNAKEOIL=${SNAKEOIL:-/usr/share/ovmf/PkKek-1-snakeoil}

# shellcheck source=tests/qemu/lib-disks.sh
. "$HERE/lib-disks.sh"
# shellcheck source=tests/qemu/lib-set-ups.sh
. "$HERE/lib-set-ups.sh"
# shellcheck source=tests/qemu/lib-corruptions.sh
. "$HERE/lib-corruptions.sh"

SORT_KEYS=0
FIRMWARE=
BOOTS=0
FIRMWARE_STARTS=0
LOG=

die() {
	echo "FAILED: $*"
	exit 1
}

# --- the machine ---

# machine [-f FIRMWARE] [-m MIB] [-u | -b] [PART...]: a machine with so much memory, without disks, then
# one disk with these partitions. FIRMWARE: ovmf, secure (Secure Boot, enforced), bios. -u: there is
# room for UKIs on the ESP. -b: as on most devices, with clusters of 4 KiB.
# shellcheck disable=SC2120 # arguments are given by the tests
machine() {
	local memory=512 option OPTIND=1
	FIRMWARE=ovmf
	PART_MIB[esp]=64
	while getopts f:m:ub option; do
		case $option in
		f) FIRMWARE=$OPTARG ;;
		m) memory=$OPTARG ;;
		u) PART_MIB[esp]=100 ;;
		b) PART_MIB[esp]=260 ;;
		*) die "machine: -$option" ;;
		esac
	done
	shift $((OPTIND - 1))
	rm -rf "$DIR"
	mkdir -p "$DIR"
	DISKS=0
	QEMU_ARGS=(-accel "$ACCEL" -cpu "$CPU" -smp 1 -m "$memory" -nic none -vga none)
	"firmware_$FIRMWARE"
	[ $# = 0 ] || disk "$@"
}

firmware_ovmf() {
	cp "$OVMF/OVMF_VARS_4M.fd" "$DIR/vars.fd"
	QEMU_ARGS+=(-machine q35
		-drive "if=pflash,format=raw,readonly=on,file=$OVMF/OVMF_CODE_4M.fd"
		-drive "if=pflash,format=raw,file=$DIR/vars.fd")
}

firmware_secure() {
	cp "$OVMF/OVMF_VARS_4M.snakeoil.fd" "$DIR/vars.fd"
	QEMU_ARGS+=(-machine "q35,smm=on" -global "driver=cfi.pflash01,property=secure,value=on"
		-global ICH9-LPC.disable_s3=1
		-drive "if=pflash,format=raw,readonly=on,file=$OVMF/OVMF_CODE_4M.secboot.fd"
		-drive "if=pflash,format=raw,file=$DIR/vars.fd")
}

# SeaBIOS, on the serial console.
firmware_bios() {
	QEMU_ARGS+=(-machine "q35,graphics=off")
}

# watchdog: one that resets the machine (test.conf=Watchdog/Watchdog=SEC, or test.pre=watchdog, starts
# it).
watchdog() {
	QEMU_ARGS+=(-device i6300esb -action watchdog=reset)
}

# clock DATE: what the machine's clock shows at the start of each QEMU from now on; the last one counts.
clock() {
	QEMU_ARGS+=(-rtc "base=$1")
}

# disk PART...: one more disk. The first one is the one that the firmware boots.
disk() {
	local file=$DIR/disk$DISKS.img part at=1

	partition "$file" "$@"
	for part; do
		PART_AT[$part]=$file@@${at}M
		fill_partition "$part" "$file" "$at"
		at=$((at + PART_MIB[$part]))
	done
	QEMU_ARGS+=(-drive "if=none,id=disk$DISKS,format=raw,cache=unsafe,file=$file"
		-device "virtio-blk-pci,drive=disk$DISKS,bootindex=$((DISKS + 1))")
	DISKS=$((DISKS + 1))
}

# late_script: what test.late=script runs in the guest, from the standard input; $1 is its entry. Can be
# changed between boots.
late_script() {
	# A disk has whole sectors.
	{
		cat
		printf '\n%.0s' {1..512}
	} >"$DIR/script"
	file_disk script
}

# file_disk NAME: $DIR/NAME as a disk with this serial number; what is behind its last whole sector is
# not there.
file_disk() {
	truncate -s $(($(stat -c %s "$DIR/$1") / 512 * 512)) "$DIR/$1"
	[[ ${QEMU_ARGS[*]} = *"id=$1,"* ]] ||
		QEMU_ARGS+=(-drive "if=none,id=$1,format=raw,readonly=on,file=$DIR/$1"
			-device "virtio-blk-pci,drive=$1,serial=$1")
}

# partition FILE PART...: a GPT with the partitions one after the other, from 1 MiB on.
partition() {
	local file=$1 part size=2
	shift

	for part; do size=$((size + PART_MIB[$part])); done
	truncate -s "${size}M" "$file"
	{
		echo 'label: gpt'
		for part; do
			echo "size=${PART_MIB[$part]}MiB,type=${PART_TYPE[$part]},uuid=${PART_UUID[$part]},name=$part"
		done
	} | sfdisk -q "$file" || die "sfdisk"
}

fill_partition() {
	local part=$1 file=$2 at=$3

	case $part in
	root | empty | late)
		dd if="$WORK/$part.img" of="$file" bs=1M seek="$at" conv=notrunc,sparse status=none
		;;
	data)
		dd if="$WORK/empty.img" of="$file" bs=1M seek="$at" conv=notrunc,sparse status=none
		;;
	garbage)
		# The boot sector is good, what follows is not: compressed data serves.
		make_fat "$part" "$file" "$at"
		dd if="$WORK/parts/$IMAGE/initrd" of="$file" bs=512 skip=64 \
			seek=$((at * 2048 + 8)) count=16384 conv=notrunc status=none
		;;
	esp | esp2 | xbootldr)
		make_fat "$part" "$file" "$at"
		mmd -i "${PART_AT[$part]}" ::/loader ::/loader/entries
		esp_put -on "$part" "$WORK/parts/$IMAGE/linux" /linux
		esp_put -on "$part" "$WORK/parts/$IMAGE/initrd" /initrd
		[ "$part" != esp ] || put_loader esp
		;;
	esac
}

make_fat() {
	local sectors=1
	[ "${PART_MIB[$1]}" -lt 256 ] || sectors=8 # fewer would be no FAT32 on a small one
	mkfs.vfat -F 32 -s "$sectors" --offset $(($3 * 2048)) "$2" $((PART_MIB[$1] * 1024)) \
		>"$DIR/mkfs.log" 2>&1 || die "mkfs.vfat: $(cat "$DIR/mkfs.log")"
}

# put_loader PART
put_loader() {
	mmd -i "${PART_AT[$1]}" ::/EFI ::/EFI/BOOT
	signed loader.efi
	esp_put -on "$1" "$DIR/loader.efi" /EFI/BOOT/BOOTX64.EFI
	printf 'timeout 0\n' | esp_put -on "$1" - /loader/loader.conf
}

# signed FILE: $DIR/FILE from the parts; with Secure Boot, signed by us instead of by Debian.
signed() {
	cp "$WORK/parts/$IMAGE/$1" "$DIR/$1"
	[ "$FIRMWARE" != secure ] || sign "$DIR/$1"
}

# sign FILE: signs it with the key that the firmware trusts, and takes other signatures off.
sign() {
	local key=$DIR/snakeoil.key

	openssl rsa -passin pass:snakeoil -in "$SNAKEOIL.key" -out "$key" 2>/dev/null ||
		die "no key $SNAKEOIL.key"
	sbattach --remove "$1" >/dev/null 2>&1 || :
	sbsign --key "$key" --cert "$SNAKEOIL.pem" --output "$1" "$1" 2>"$DIR/sbsign.log" ||
		die "sbsign: $(cat "$DIR/sbsign.log")"
}

# --- the ESP ---

# esp_put [-on PART] FILE PATH: copies a file ("-": standard input) to the ESP.
esp_put() {
	local part=esp
	[ "$1" != -on ] || { part=$2; shift 2; }
	mcopy -o -i "${PART_AT[$part]}" "$1" "::$2" || die "mcopy $2"
}

# esp_read_only PATH: sets the FAT attribute.
esp_read_only() {
	mattrib +r -i "${PART_AT[esp]}" "::$1" || die "mattrib $1"
}

# loader_conf [LINE...]
# shellcheck disable=SC2120 # lines are given by the tests
loader_conf() {
	printf '%s\n' 'timeout 0' "$@" | esp_put - /loader/loader.conf
}

# entry [-on PART] NAME [OPTION...]: loader/entries/NAME.conf. It sorts after the ones before it.
# The root file system is the healthy one unless an option says root=. Variables: SORT_KEY for
# another place in the order, ENTRY_LINUX and ENTRY_INITRD for another kernel and initrd.
entry() {
	local on=esp name
	[ "$1" != -on ] || { on=$2; shift 2; }
	name=$1
	shift

	SORT_KEYS=$((SORT_KEYS + 1))
	{
		echo "title $name"
		echo "sort-key ${SORT_KEY:-$SORT_KEYS}"
		echo "linux ${ENTRY_LINUX:-/linux}"
		echo "initrd ${ENTRY_INITRD:-/initrd}"
		echo "options $(options "test.entry=${name%%+*}" "$@")"
	} | esp_put -on "$on" - "/loader/entries/$name.conf"
}

# late_entry [-on PART] NAME [OPTION...]: the same with the late root file system. Options
# fstab=no systemd.gpt_auto=no: nobody mounts the ESP.
late_entry() {
	local on=()
	[ "$1" != -on ] || { on=(-on "$2"); shift 2; }
	entry "${on[@]}" "$1" "root=$(root_is late)" rw "${@:2}"
}

# uki NAME [OPTION...]: EFI/Linux/NAME.efi, of the image's stub, kernel and initrd. $DIR/NAME.efi
# stays for uki_cut and uki_lie (which takes .uname for something else). Variables: UKI_LINUX,
# UKI_INITRD for others, SORT_KEY for a place in the order.
uki() {
	uki_make "$@"
	uki_put "$1"
}

# uki_make NAME [OPTION...]: only $DIR/NAME.efi.
uki_make() {
	local name=$1 file=$DIR/$1.efi
	shift

	signed linux
	options "test.entry=${name%%+*}" "$@" | tr -d '\n' >"$DIR/cmdline"
	printf 'ID=%s\nNAME=test\nPRETTY_NAME="%s"\nVERSION_ID=1\n' \
		"${SORT_KEY:-bootassess-test}" "${name%%+*}" >"$DIR/os-release"
	printf test >"$DIR/uname"
	cp "$WORK/parts/$IMAGE/stub.efi" "$file"
	uki_add "$file" .osrel "$DIR/os-release" .cmdline "$DIR/cmdline" \
		.linux "${UKI_LINUX:-$DIR/linux}" .initrd "${UKI_INITRD:-$WORK/parts/$IMAGE/initrd}" \
		.uname "$DIR/uname"
	[ "$FIRMWARE" != secure ] || sign "$file"
}

# uki_add FILE [SECTION CONTENT]...: sections one after the other, behind those that are there.
uki_add() {
	local file=$1 at=0 name size vma args=()
	shift

	while read -r _ name size vma _; do
		[[ $name = .* ]] || continue
		[ $((0x$vma + 0x$size)) -le "$at" ] || at=$((0x$vma + 0x$size))
	done < <(objdump -h -w "$file")
	while [ $# != 0 ]; do
		at=$(((at + 4095) / 4096 * 4096))
		args+=(--add-section "$1=$2" --change-section-vma "$1=$at")
		at=$((at + $(stat -c %s "$2")))
		shift 2
	done
	objcopy "${args[@]}" "$file" || die "objcopy"
}

uki_put() {
	mmd -D s -i "${PART_AT[esp]}" ::/EFI/Linux >/dev/null 2>&1 || :
	esp_put "$DIR/$1.efi" "/EFI/Linux/$1.efi"
}

# uki_cut NAME BYTES: the file ends there.
uki_cut() {
	truncate -s "$2" "$DIR/$1.efi"
	uki_put "$1"
}

# uki_lie NAME SECTION FIELD VALUE: the section table says something else than what is there. FIELD:
# name, size (SizeOfRawData and VirtualSize) or offset (PointerToRawData).
uki_lie() {
	local file=$DIR/$1.efi header
	header=$(uki_header "$file" "$2")

	case $3 in
	name) printf '%s\0\0\0\0\0\0\0\0' "$4" | head -c 8 | patch_bytes "$file" "$header" ;;
	size)
		le32 "$4" | patch_bytes "$file" $((header + 8))
		le32 "$4" | patch_bytes "$file" $((header + 16))
		;;
	offset) le32 "$4" | patch_bytes "$file" $((header + 20)) ;;
	*) die "uki_lie: $3" ;;
	esac
	uki_put "$1"
}

# uki_field NAME SECTION OFFSET: a number of the section's header, at this offset in it.
uki_field() {
	local header
	header=$(uki_header "$DIR/$1.efi" "$2")
	read_le "$DIR/$1.efi" $((header + $3)) 4
}

# uki_header FILE SECTION: where the section's header is in the file. Source: the PE format, "COFF
# File Header" and "Section Table".
uki_header() {
	local file=$1 pe n size at name
	pe=$(read_le "$file" 60 4)
	n=$(read_le "$file" $((pe + 6)) 2)
	size=$(read_le "$file" $((pe + 20)) 2)

	for ((at = pe + 24 + size; n > 0; at += 40, n--)); do
		name=$(dd if="$file" bs=1 skip="$at" count=8 status=none | tr -d '\0')
		[ "$name" != "$2" ] || { echo "$at"; return; }
	done
	die "no section $2 in $file"
}

# read_le FILE OFFSET BYTES
read_le() {
	od -A n -t "u$3" --endian=little -j "$2" -N "$3" "$1" | tr -d ' '
}

# le32 NUMBER: its bytes.
le32() {
	# shellcheck disable=SC2059 # the bytes are the format
	printf "$(printf '\\x%02x' $(($1 & 255)) $(($1 >> 8 & 255)) $(($1 >> 16 & 255)) $(($1 >> 24 & 255)))"
}

# patch_bytes FILE OFFSET: overwrites with what comes from the standard input.
patch_bytes() {
	dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# Variable: PANIC, instead of panic=5. The guests are emulated: without the mitigations a boot takes
# 14 s instead of 19.
options() {
	local all="console=ttyS0 ${PANIC-panic=5} mitigations=off bootassess.debug $*"
	[[ $all = *" root="* ]] || all+=" root=$(root_is root)"
	echo "$all"
}

# root_is PART: the value of root= for one of our partitions, or for "missing".
root_is() {
	echo "PARTUUID=${PART_UUID[$1]}"
}

# entries [PART]: the names in loader/entries, without .conf, and those in EFI/Linux, sorted, on one
# line.
entries() {
	{
		mdir -b -i "${PART_AT[${1:-esp}]}" ::/loader/entries 2>/dev/null || :
		mdir -b -i "${PART_AT[${1:-esp}]}" ::/EFI/Linux 2>/dev/null || :
	} | sed -n 's|.*/||; s|\.conf$||p; /\.efi$/p' | LC_ALL=C sort | tr '\n' ' ' |
		sed 's/ $//'
}

# --- booting ---

# direct [OPTION...]: from now on the firmware starts our kernel itself, without a boot loader.
direct() {
	QEMU_ARGS+=(-kernel "$WORK/parts/$IMAGE/linux" -initrd "$WORK/parts/$IMAGE/initrd"
		-append "$(options test.entry=direct "$@")")
}

# boot [-u REGEX] [-n COUNT] [-m MAX]: runs the machine until it switches itself off or, with -u, a
# line matches for the COUNTth time. More than MAX boots (6), or BOOT_TIMEOUT seconds, are failures.
# The serial console goes to $LOG with the seconds since the start before each line. $BOOTS counts
# the kernels, $FIRMWARE_STARTS the firmware's.
boot() {
	local until='' count=1 max=6 option OPTIND=1
	while getopts u:n:m: option; do
		case $option in
		u) until=$OPTARG ;;
		n) count=$OPTARG ;;
		m) max=$OPTARG ;;
		*) die "boot: -$option" ;;
		esac
	done
	[ -z "${INTERACTIVE:-}" ] || boot_interactive
	LOG=$DIR/serial.log
	BOOTS=0
	FIRMWARE_STARTS=0
	: >"$LOG"
	local serial qemu verdict status
	exec {serial}< <(exec "$QEMU" "${QEMU_ARGS[@]}" -display none -monitor none -serial stdio \
		</dev/null 2>&1)
	qemu=$!
	follow "$serial" "$until" "$count" "$max"
	[ "$verdict" = off ] || kill "$qemu" 2>/dev/null
	exec {serial}<&-
	wait "$qemu" && status=0 || status=$?
	report
	case $verdict in
	off) [ "$status" = 0 ] || die "QEMU ended with status $status" ;;
	seen) ;;
	*) die "$verdict" ;;
	esac
}

# follow FD REGEX COUNT MAX: reads the console to its end, to the match or to a limit; sets $verdict
# to "off", "seen" or a description of what went wrong.
follow() {
	local fd=$1 until=$2 count=$3 max=$4 line now start=${EPOCHREALTIME/./} end rc
	end=$((SECONDS + BOOT_TIMEOUT))

	while :; do
		rc=200
		[ "$end" -le "$SECONDS" ] || {
			IFS= read -r -t $((end - SECONDS)) -u "$fd" line && rc=0 || rc=$?
		}
		[ "$rc" = 0 ] || break
		printable line
		now=$(((${EPOCHREALTIME/./} - start) / 100000))
		on_line "$now" "$line"
		[[ $line != *'Linux version '* ]] || BOOTS=$((BOOTS + 1))
		[[ $line != *@('BdsDxe: starting Boot'|'SeaBIOS (version')* ]] ||
			FIRMWARE_STARTS=$((FIRMWARE_STARTS + 1))
		if [ -n "$until" ] && [[ $line =~ $until ]]; then
			count=$((count - 1))
			[ "$count" != 0 ] || { verdict=seen; return; }
		fi
		[ "$BOOTS" -le "$max" ] || { verdict="more than $max boots"; return; }
	done
	verdict=off
	[ "$rc" -le 128 ] || verdict="not done after $BOOT_TIMEOUT s"
	[ "$verdict" != off ] || [ -z "$until" ] || verdict="off without a line that matches: $until"
}

# printable VARIABLE: without the escape sequences of the firmware's console.
printable() {
	local -n text=$1
	text=${text//$'\e['*([0-9;=?])[A-Za-z]/}
	text=${text//[![:print:]]/}
}

# on_line TENTHS LINE: called for each line of the console.
on_line() {
	printf '%4d.%d %s\n' $(($1 / 10)) $(($1 % 10)) "$2" >>"$LOG"
}

# For "run shell NN": the machine of the test on this terminal; control-a x ends it.
boot_interactive() {
	exec "$QEMU" "${QEMU_ARGS[@]}" -nographic
}

# --- what was seen ---

# file_system PART: what blkid(8) finds there; "" for nothing.
file_system() {
	local at=${PART_AT[$1]##*@@}
	blkid -p -o value -s TYPE -O $((${at%M} * 1048576)) -S $((${PART_MIB[$1]} * 1048576)) \
		"${PART_AT[$1]%@@*}" || :
}

# esp_sum: of every byte of the ESP.
esp_sum() {
	local at=${PART_AT[esp]##*@@}
	dd if="${PART_AT[esp]%@@*}" bs=1M skip="${at%M}" count="${PART_MIB[esp]}" status=none |
		sha256sum
}

# report: the lines that tell the story, for the reader of the test's output.
report() {
	grep -a -E 'Linux version|bootassess: |TEST: |Kernel panic' "$LOG" |
		sed -E -e 's/(Linux version [^ ]+).*/\1/' -e 's/cmdline=.*(test\.entry=[^ ]+).*/\1/' \
			-e 's/\[ *[0-9.]+\] //' -e 's/^/  /' || :
	[ -z "${PART_AT[esp]:-}" ] || echo "  entries: $(entries)"
}

# expect REGEX: a line of the last boot matches.
expect() {
	grep -a -q -E -e "$1" "$LOG" || die "no line matches: $1"
}

refute() {
	! grep -a -q -E -e "$1" "$LOG" || die "a line matches: $1"
}

# expect_boots KERNELS [FIRMWARE]: so many kernels ran, and the firmware so many times.
expect_boots() {
	[ "$BOOTS" = "$1" ] || die "$BOOTS boots, not $1"
	[ -z "${2:-}" ] || [ "$FIRMWARE_STARTS" = "$2" ] ||
		die "$FIRMWARE_STARTS starts of the firmware, not $2"
}

# expect_root ENTRY: this entry, and no other, reached the root file system.
expect_root() {
	expect "TEST: root reached.* test\.entry=$1( |$)"
	! grep -a 'TEST: root reached' "$LOG" | grep -a -v -q -E " test\.entry=$1( |$)" ||
		die "another entry than $1 reached the root file system"
}

# expect_entries [-on PART] NAME...: exactly these files are in loader/entries.
expect_entries() {
	local part=esp want
	[ "$1" != -on ] || { part=$2; shift 2; }
	want=$(printf '%s\n' "$@" | LC_ALL=C sort | tr '\n' ' ' | sed 's/ $//')
	[ "$(entries "$part")" = "$want" ] || die "entries are: $(entries "$part"); not: $want"
}
