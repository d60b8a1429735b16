# shellcheck shell=bash
# Both system slots are exhausted: the device reaches recovery.
# images: grub-bios
# soak: uki grub-efi md initramfs-tools mkinitcpio dracut dracut-plain dracut-059 dracut-059-plain
set_up root
slot active+0-4
slot passive+0-4
slot recovery+3
set_up_boot active
expect "bootassess: assess: switch \(exhausted\): active\.$SUFFIX \+0-[45] -> recovery\.$SUFFIX by $WAY"
expect "bootassess: assess: proceed \(trying\): recovery\.$SUFFIX \+2-1"
expect_root recovery
expect_boots 2
expect_counters active+0-4 passive+0-4 recovery+2-1
