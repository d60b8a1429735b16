# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Slots that are damaged in one of seven ways; sourced by lib.sh. TEST-63 names cells where others name
# images: KIND-WHERE-FORM.
#
#	KIND    panic      the kernel panics before anything of ours runs: its first process dies
#	        empty      the kernel has 0 bytes       zeros      it is all zeros, at its size
#	        missing    it is not there              truncated  its second half is not there
#	        cmdline    the command line is bad: root= that is nowhere (type1: our deadline ends
#	                   that), or rdinit= that is nowhere (uki: the kernel panics)
#	        initrd     the initrd is garbage
#	WHERE   active, passive, or both
#	FORM    type1      on systemd-boot 252, which starts an image or goes back to the firmware
#	        uki        on systemd-boot 257; there the whole file is the kernel
#	        crash      type #1 on systemd-boot 257, which crashes if it cannot load a kernel
#
# The machine has three ways to its loader: two boot options, and the fallback path, to which OVMF makes
# an option of its own.

# corruption CELL
corruption() {
	KIND=${1%%-*}
	FORM=${1##*-}
	WHERE=${1#*-}
	WHERE=${WHERE%-*}
	IMAGE=trixie
	[ "$FORM" != type1 ] || IMAGE=bookworm
	HAS_CRASHES=no
	[ "$FORM" != crash ] || { HAS_CRASHES=yes FORM=type1; }
	SUFFIX=conf EFI=
	[ "$FORM" != uki ] || SUFFIX=efi EFI=.efi
	DAMAGE=$(corruption_damage)
	# shellcheck disable=SC2034 # read by TEST-63
	STATE=$(corruption_state)
	SLOTS=()
}

# What the damage does: "hidden": the loader does not offer the entry; "refused": it counts it, and
# cannot load it; "panics": before our initramfs; "root": our deadline sees it.
corruption_damage() {
	case $KIND-$FORM in
	missing-* | empty-uki | zeros-uki) echo hidden ;;
	empty-* | zeros-* | truncated-*) echo refused ;;
	cmdline-type1) echo root ;;
	panic-* | cmdline-uki | initrd-*) echo panics ;;
	*) die "no corruption $KIND of $FORM" ;;
	esac
}

# corruption_state: what we say of the slot afterwards.
corruption_state() {
	case $DAMAGE-$KIND-$FORM in
	hidden-missing-uki) echo missing ;;
	hidden-* | refused-*) echo broken ;;
	*) echo exhausted ;;
	esac
}

# corruption_machine PART...: these beside the ESP.
corruption_machine() {
	local option

	machine
	# shellcheck disable=SC2154 # of lib.sh
	PART_MIB[esp]=132
	disk esp "$@"
	[ "$FORM" != uki ] || mdel -i "${PART_AT[esp]}" ::/linux ::/initrd
	mmd -i "${PART_AT[esp]}" ::/EFI/systemd
	esp_put "$DIR/loader.efi" /EFI/systemd/systemd-bootx64.efi
	for option in 00A1 00A2; do
		nvram boot "$option" "Loader $option" 1 2048 $((PART_MIB[esp] * 2048)) \
			"${PART_UUID[esp]}" '\EFI\systemd\systemd-bootx64.efi'
	done
	no_boot_order
	nvram set BootOrder 00A1 00A2
}

# good_slot NAME[+L] [OPTION...]
good_slot() {
	SLOTS+=("${1%%+*}")
	if [ "$FORM" = uki ]; then
		SORT_KEY=${#SLOTS[@]} uki "$@"
		rm "$DIR/$1.efi"
	else
		entry "$@"
	fi
}

# bad_slot NAME+L: damaged.
bad_slot() {
	local name=${1%%+*} options=()

	SLOTS+=("$name")
	cp "$WORK/parts/$IMAGE/linux" "$DIR/bad.linux"
	cp "$WORK/parts/$IMAGE/initrd" "$DIR/bad.initrd"
	case $KIND-$FORM in
	panic-*) add_dying_init "$DIR/bad.initrd" ;;
	initrd-*) overwrite "$DIR/bad.initrd" /dev/urandom ;;
	cmdline-uki) options=(rdinit=/nowhere) ;;
	cmdline-*) options=("root=$(root_is missing)" rd.bootassess.deadline=30) ;;
	esac
	"put_bad_$FORM" "$1" "${options[@]}"
}

put_bad_type1() {
	local name=${1%%+*}

	damage "$DIR/bad.linux"
	[ "$KIND" = missing ] || esp_put "$DIR/bad.linux" "/$name.linux"
	esp_put "$DIR/bad.initrd" "/$name.initrd"
	PANIC=panic=1 ENTRY_LINUX=/$name.linux ENTRY_INITRD=/$name.initrd entry "$@"
}

put_bad_uki() {
	PANIC=panic=1 SORT_KEY=${#SLOTS[@]} UKI_INITRD=$DIR/bad.initrd uki_make "$@"
	damage "$DIR/$1.efi"
	[ "$KIND" = missing ] || uki_put "$1"
	rm "$DIR/$1.efi"
}

# damage KERNEL: if that is what this kind is about.
damage() {
	case $KIND in
	empty) : >"$1" ;;
	zeros) overwrite "$1" /dev/zero ;;
	truncated) truncate -s $(($(stat -c %s "$1") / 2)) "$1" ;;
	esac
}

# overwrite FILE SOURCE: all of it.
overwrite() {
	head -c "$(stat -c %s "$1")" "$2" >"$1.new"
	mv "$1.new" "$1"
}

# add_dying_init INITRD: its first process returns, which is a panic.
add_dying_init() {
	mkdir -p "$DIR/dying"
	echo 'int main(void) { return 1; }' | gcc -static -Os -o "$DIR/dying/init" -x c -
	truncate -s %4 "$1"
	(cd "$DIR/dying" && echo init | cpio -o -H newc --quiet) >>"$1"
}

# esp_files: the files of the ESP with their sums; the entries without their counters, and without what
# bootassess keeps.
esp_files() {
	rm -rf "$DIR/esp"
	mkdir "$DIR/esp"
	mcopy -s -n -i "${PART_AT[esp]}" ::/ "$DIR/esp" || die "mcopy"
	(cd "$DIR/esp" && find . -type f -not -path './loader/bootassess/*' -exec sha256sum {} + |
		sed -E 's|\+[0-9]+(-[0-9]+)?(\.[a-z]+)$|\2|' | sort -k 2)
}

# corruption_boot: to the end. A loader that crashes is started again, as the machine's watchdog does it.
corruption_boot() {
	local n crashes=0

	[ "$HAS_CRASHES$DAMAGE-$WHERE" != yesrefused-active ] || crashes=1
	[ "$HAS_CRASHES$DAMAGE-$WHERE" != yesrefused-both ] || crashes=2
	STARTED=
	for ((n = 0; n < crashes; n++)); do
		boot -u '!!!! X64 Exception'
		expect_boots 0
		note_started
	done
	boot
	note_started
}

# note_started: adds to $STARTED what the loader has started in this boot, or failed to.
note_started() {
	local line
	while read -r line; do
		case $line in
		*"Error loading "*) line=${line#*loading ?} line=${line%%.linux*} ;;
		*) line=${line##*test.entry=} line=${line%% *} ;;
		esac
		STARTED+="${STARTED:+ }$line.$SUFFIX"
	done < <(grep -a -E 'Error loading |Kernel command line: ' "$LOG")
}

# foretell: sets $FORETOLD to what `bootassess simulate` says will be started.
foretell() {
	local fail=

	device_tree
	[ "$WHERE" != passive ] || fail=active=no-root
	case $DAMAGE-$WHERE in
	hidden-*) ;;
	root-both) fail=active=no-root,passive=no-root ;;
	*-both) fail=active=panic,passive=panic ;;
	root-*) fail=${fail:+$fail,}$WHERE=no-root ;;
	*) fail=${fail:+$fail,}$WHERE=panic ;;
	esac
	# shellcheck disable=SC2034 # read by TEST-63
	FORETOLD=$("$WORK/stage/usr/bin/bootassess" simulate --json ${fail:+"--fail=$fail"} \
		--root="$DIR/device" 2>/dev/null | grep -o '"boot":[0-9]*,"entry":"[^"]*"' |
		sed 's/.*"entry":"//; s/"//' | paste -sd' ')
}

# expect_slots NAME...: exactly these, in the form of the cell.
expect_slots() {
	local name names=()

	for name; do
		# What is missing as a UKI has no name.
		[[ $KIND-$FORM-$name = missing-uki-*+1 ]] || names+=("$name$EFI")
	done
	expect_entries "${names[@]}"
}

# expect_way: so many kernels, and starts of the firmware's options, as the damage makes of it.
expect_way() {
	local kernels starts

	case $DAMAGE-$WHERE in
	panics-active | root-active) kernels=2 ;;
	panics-* | root-*) kernels=3 ;;
	*-passive) kernels=2 ;;
	*) kernels=1 ;;
	esac
	starts=$kernels
	[ "$HAS_CRASHES$DAMAGE-$WHERE" != norefused-active ] || starts=2
	[ "$HAS_CRASHES$DAMAGE-$WHERE" != norefused-both ] || starts=3
	expect_boots "$kernels" "$starts"
}

# device_tree: $DIR/device is what --root= of our programs takes: the ESP, the config, and variables that
# say which loader it is.
device_tree() {
	# shellcheck disable=SC2153 # of lib.sh
	local from=$HERE/../roots/systemd-boot-252 variables=sys/firmware/efi/efivars

	rm -rf "$DIR/device"
	mkdir -p "$DIR"/device/{efi,proc,etc/bootassess,$variables}
	mcopy -s -n -i "${PART_AT[esp]}" ::/ "$DIR/device/efi" || die "mcopy"
	cp "$HERE/bootassess.conf" "$DIR/device/etc/bootassess/"
	cp "$from/$variables"/Loader{Info,Features}-* "$DIR/device/$variables"
}

# expect_why STATE NAME...: `bootassess why` says of these slots that they are not to be booted, and why.
# Of what has no file at all only `bootassess status` speaks.
expect_why() {
	local state=$1 name text
	shift

	text=$("$WORK/stage/usr/bin/bootassess" why --root="$DIR/device" 2>/dev/null | paste -sd' ')
	[ "$state" != missing ] ||
		text=$("$WORK/stage/usr/bin/bootassess" status --root="$DIR/device" 2>/dev/null |
			sed -nE "s/^ *system +([a-z]+) +missing .*/\"\1.$SUFFIX\" (missing)/p" | paste -sd' ')
	for name; do
		[[ $text = *"\"$name.$SUFFIX\" ($state)"* ]] || die "no word of $name in: $text"
	done
}

# expect_switch EVENT ENTRY TARGET: in this boot, and in the history.
expect_switch() {
	expect "bootassess: $1: switch \(failed\): $2\.$SUFFIX \+0-1 -> $3\.$SUFFIX by firmware"
	"$WORK/stage/usr/bin/bootassess" history --root="$DIR/device" 2>/dev/null |
		grep -q -E " $2\.$SUFFIX +$1: switch +failed +$3\.$SUFFIX by firmware" ||
		die "the history does not tell of $2"
}
