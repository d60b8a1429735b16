# shellcheck shell=bash
# GRUB on a machine without UEFI, /boot on ext4.
# shellcheck disable=SC2034 # read by lib-set-ups.sh
IMAGE=trixie-plain
# shellcheck disable=SC2034
SUFFIX=conf
# shellcheck disable=SC2034
WAY=firmware

set_up_machine() {
	machine -f bios
	disk bios boot "$@"
	grub_bios
	boot_folder
}

set_up_slot() {
	boot_slot "$@"
}

set_up_boot() {
	grub_config
	grub_default "$1"
	put_boot
	boot "${@:2}"
}

set_up_counters() {
	boot_counters
}

set_up_protect() {
	write_protect 0
}
