# shellcheck shell=bash
# The kernel of the default dies before its initramfs. GRUB counts the starts that nobody answers and takes
# its fallback, which marks the slot that did not come.
# images: grub-bios
# soak: grub-efi
# shellcheck disable=SC2034 # read by lib-set-ups.sh
GRUB_SET="set bootassess_fallback=passive; set bootassess_tries=2"
set_up root
PANIC=panic=1 slot active rdinit=/nowhere
slot passive
slot recovery+3
set_up_boot active
expect_root passive
expect_boots 3
expect_counters active+0-9 passive recovery+3
