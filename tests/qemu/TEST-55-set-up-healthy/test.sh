# shellcheck shell=bash
# A healthy armed slot is counted once and goes on to its root file system, whatever started it.
# images: mkinitcpio dracut-059-plain
# soak: uki grub-efi grub-bios md initramfs-tools dracut dracut-plain dracut-059
set_up root
slot active+3
slot passive
slot recovery+3
set_up_boot active
expect "bootassess: assess: proceed \(trying\): active\.$SUFFIX \+2-1"
refute 'bootassess: .*not counted'
expect_root active
expect_boots 1
expect_counters active+2-1 passive recovery+3
