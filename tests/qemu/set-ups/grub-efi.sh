# shellcheck shell=bash
# GRUB under UEFI, /boot on ext4.
# shellcheck disable=SC2034 # read by lib-set-ups.sh
IMAGE=bookworm
# shellcheck disable=SC2034
SUFFIX=conf
# shellcheck disable=SC2034
WAY=firmware

set_up_machine() {
	machine
	disk grub boot "$@"
	make_fat grub "${PART_AT[grub]%@@*}" 1
	mmd -i "${PART_AT[grub]}" ::/EFI ::/EFI/BOOT
	grub_image x86_64-efi "$DIR/grub.efi" "(,gpt2)/grub"
	esp_put -on grub "$DIR/grub.efi" /EFI/BOOT/BOOTX64.EFI
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
