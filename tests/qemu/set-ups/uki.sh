# shellcheck shell=bash
# UKIs that the firmware starts itself, by Boot####.
# shellcheck disable=SC2034 # read by lib-set-ups.sh
IMAGE=trixie
# shellcheck disable=SC2034
SUFFIX=efi
# shellcheck disable=SC2034
WAY=firmware

set_up_machine() {
	machine
	# shellcheck disable=SC2154 # of lib.sh
	PART_MIB[esp]=132
	disk esp "$@"
	mdeltree -i "${PART_AT[esp]}" ::/EFI/BOOT
	UKI_NUMBERS=()
}

set_up_slot() {
	local number
	number=$(printf '00%X' $((0xA0 + ${#SLOTS[@]})))

	uki "$1" "${@:3}"
	rm "$DIR/$1.efi"
	esp_tries "$1" "$2"
	boot_entry "$number" "$1"
	UKI_NUMBERS+=("$number")
}

# It is the first one that was made.
set_up_boot() {
	[ "$1" = "${SLOTS[0]}" ] || die "$1 is not the first slot"
	no_boot_order
	nvram set BootOrder "${UKI_NUMBERS[@]}"
	boot "${@:2}"
}

set_up_counters() {
	esp_counters
}

set_up_protect() {
	write_protect 0
}
