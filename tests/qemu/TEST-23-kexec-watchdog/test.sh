# shellcheck shell=bash
# Without a watchdog that outlives the kexec a hang would need a person: none, and one that its
# driver stops. With one that goes on, a kexec is taken.
# images: trixie.stopped trixie.goes-on
# soak: trixie.none

watched_machine() {
	machine esp root
	loader_conf 'default active*'
	entry active+0-4 "$@"
	entry passive+3
}

case $PART in
none)
	watched_machine
	boot
	expect 'passive\.conf by firmware; no kexec: watchdog$'
	expect_root passive
	expect_boots 2 2
	;;
stopped)
	# By a restart.
	watched_machine test.pre=watchdog
	watchdog
	boot
	expect 'TEST: prepared watchdog'
	expect 'passive\.conf by firmware; no kexec: watchdog$'
	expect_root passive
	expect_boots 2 2
	;;
goes-on)
	watched_machine test.pre=watchdog watchdog.stop_on_reboot=0
	watchdog
	boot
	expect 'bootassess: assess: proceed \(trying\): passive\.conf \+2-1 via kexec'
	expect_root passive
	expect_boots 2 1
	expect_entries active+0-5 passive+2-1
	;;
*) die "no part $PART" ;;
esac
