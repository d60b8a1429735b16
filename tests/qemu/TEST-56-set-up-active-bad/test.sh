# shellcheck shell=bash
# The last try of a slot whose root file system cannot be mounted: the next slot is started.
# images: grub-efi md
# soak: uki grub-bios initramfs-tools mkinitcpio dracut dracut-plain dracut-059 dracut-059-plain
set_up root broken
slot active+1 "root=$(root_is broken)" rootfstype=ext4
slot passive+3
slot recovery+3
set_up_boot active
expect "bootassess: assess: proceed \(last-try\): active\.$SUFFIX \+0-1"
expect "bootassess: emergency: switch \(failed\): active\.$SUFFIX \+0-1 -> passive\.$SUFFIX by $WAY"
expect "bootassess: assess: proceed \(trying\): passive\.$SUFFIX \+2-1"
expect_root passive
expect_boots 2
expect_counters active+0-1 passive+2-1 recovery+3
[[ $SET_UP != grub-* ]] || {
	# As GRUB itself reads and writes it: the one-shot is spent, the default is as it was.
	[ "$(grub_environment | sort | paste -sd' ')" = "next_entry= saved_entry=active" ] ||
		die "the environment of GRUB is: $(grub_environment)"
}
