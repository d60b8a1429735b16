# shellcheck shell=bash
# A UKI that is not what its section table says is never kexec'd, whatever the firmware makes of it.
# images: trixie.overlap
# soak: trixie.cut trixie.beyond trixie.twice

damaged_machine() {
	machine -u esp root
	loader_conf 'default active*'
	entry active+0-4 test.pre=config-kexec
	uki passive+3
	entry recovery+3
}

# One that cannot boot is no target: the next rung is taken.
expect_recovery() {
	expect '"EFI/Linux/passive\+3\.efi" on the ESP cannot boot: no sound UKI, at offset [0-9]+'
	expect 'bootassess: assess: proceed \(trying\): recovery\.conf \+2-1 via kexec'
	expect_root recovery
	expect_boots 2 1
	expect_entries active+0-5 passive+3.efi recovery+2-1
}

# The boot loader takes it as it is.
expect_firmware() {
	expect 'no kexec: image: .*EFI/Linux/passive\+3\.efi'
	expect 'active\.conf \+0-5 -> passive\.efi by firmware; no kexec: image$'
	expect_root passive
	expect_boots 2 2
	expect_entries active+0-5 passive+2-1.efi recovery+3
}

damaged_machine
case $PART in
cut)
	uki_cut passive+3 $(($(stat -c %s "$DIR/passive+3.efi") / 2))
	boot
	expect_recovery
	;;
beyond)
	# A section lies behind the end.
	uki_lie passive+3 .linux offset $((1 << 30))
	boot
	expect_recovery
	;;
overlap)
	uki_lie passive+3 .linux size $(($(uki_field passive+3 .linux 16) + 8192))
	boot
	expect_firmware
	;;
twice)
	# Two sections have one name.
	uki_lie passive+3 .uname name .initrd
	boot
	expect_firmware
	;;
*) die "no part $PART" ;;
esac
