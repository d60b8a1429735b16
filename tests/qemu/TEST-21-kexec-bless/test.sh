# shellcheck shell=bash
# After a kexec the loader's variables speak of the entry that was left. systemd-bless-boot goes by
# them, so it blesses the slot that was given up; with bootassess it stays quiet, and the slot that
# runs has its tries again.
# images: trixie.ours trixie.foreign
# soak: trixie.stock

# late_machine OPTION [OPTION OF BOTH]
late_machine() {
	machine esp late
	late_entry active+3 systemd.mask=systemd-bless-boot.service \
		systemd.mask=bootassess-bless.service "$@"
	late_entry passive+3 "${@:2}"
}

case $PART in
stock)
	IMAGE=trixie-stock
	late_machine test.late=efibc,kexec:passive bootassess=0
	boot
	refute 'bootassess: '
	expect 'TEST: root reached.* test\.entry=passive( |$)'
	expect 'TEST: bless-boot: loaded active $'
	expect 'TEST: one-shot: kexec reboot$'
	expect_boots 2 1
	expect_entries active passive+3
	;;
ours)
	# And without a kexec program for the exitrd of dracut.
	late_machine test.late=efibc,exitrd,no-kexec-binary,switch:passive
	esp_put "$WORK/parts/$IMAGE/initrd" /initrd.img
	boot
	expect 'bootassess: switch: switch \(requested\): active\.conf \+2-1 -> passive\.conf by kexec'
	expect 'TEST: exitrd kexec'
	refute 'by firmware'
	expect 'bootassess: assess: proceed \(trying\): passive\.conf \+2-1 via kexec'
	expect 'TEST: root reached.* test\.entry=passive( |$)'
	# By the command line, and, since there may be none, in /run.
	expect 'TEST: bless-boot: masked inactive /dev/null$'
	expect 'bootassess: tidy LoaderEntryOneShot'
	refute 'TEST: one-shot: kexec'
	expect 'TEST: bless: loaded active'
	expect_boots 2 1
	expect_entries active+2-1 passive+3-0
	;;
foreign)
	# After somebody else's kexec.
	late_machine test.late=kexec:passive
	boot
	expect 'this kernel was started by a kexec that is not on record'
	expect 'bootassess: mask systemd-bless-boot\.service'
	expect 'TEST: root reached.* test\.entry=passive( |$)'
	expect 'TEST: bless-boot: masked inactive /dev/null$'
	expect 'TEST: bless: loaded failed'
	expect_boots 2 1
	# It left active in good order before its bless: a planned restart.
	expect_entries active+3-0 passive+3
	;;
*) die "no part $PART" ;;
esac
