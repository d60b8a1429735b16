# shellcheck shell=bash
# Nothing can be written to $BOOT: the counter is in a variable where there are any, and the boot goes on
# where there are none.
# images: uki
# soak: grub-efi grub-bios md initramfs-tools mkinitcpio dracut dracut-plain dracut-059 dracut-059-plain
set_up
disk root # another one: its file system is mounted for writing
slot active+3
slot passive
slot recovery+3
set_up_protect
set_up_boot active
expect_root active
expect_boots 1
expect_counters active+3 passive recovery+3
if [ "$FIRMWARE" = bios ]; then
	expect 'bootassess: .*cannot be protected'
else
	expect "bootassess: assess: proceed \(trying\): active\.$SUFFIX \+2-1"
fi
