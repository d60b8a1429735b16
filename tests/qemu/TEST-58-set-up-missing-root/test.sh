# shellcheck shell=bash
# The root device never comes: the deadline moves on.
# images: initramfs-tools
# soak: uki grub-efi grub-bios md mkinitcpio dracut dracut-plain dracut-059 dracut-059-plain
set_up root
slot active+1 "root=$(root_is missing)" rd.bootassess.deadline=40
slot passive
slot recovery+3
set_up_boot active
expect "bootassess: (deadline|emergency): switch \(failed\): active\.$SUFFIX \+0-1 -> passive\.$SUFFIX by $WAY"
expect "bootassess: assess: proceed \(good\): passive\.$SUFFIX"
expect_root passive
expect_boots 2
expect_counters active+0-1 passive recovery+3
