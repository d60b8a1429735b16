# shellcheck shell=bash
# The loader's default is an exhausted slot. As Debian builds it, systemd-boot starts it for ever;
# with bootassess the device is in the next slot after one more reset, and that boot is counted.
# images: bookworm.ours
# soak: bookworm.stock trixie.ours trixie.stock

pinned_machine() {
	machine esp root
	loader_conf 'default active*'
	entry active+0-4 test.then=reboot
	entry passive+3
}

case $PART in
stock)
	IMAGE=$IMAGE-stock
	pinned_machine
	boot -u 'TEST: root reached' -n 3
	refute 'bootassess: '
	expect_root active
	expect_entries active+0-7 passive+3
	;;
ours)
	pinned_machine
	boot
	expect 'bootassess: assess: switch \(exhausted\): active\.conf \+0-5 -> passive\.conf by firmware'
	expect 'bootassess: assess: proceed \(trying\): passive\.conf \+2-1'
	expect_root passive
	expect_boots 2
	expect_entries active+0-5 passive+2-1
	;;
*) die "no part $PART" ;;
esac
