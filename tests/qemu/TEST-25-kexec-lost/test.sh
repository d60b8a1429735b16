# shellcheck shell=bash
# stories: F18
# A kexec that does not arrive: the next boot of the firmware says so, gives the charge back, and
# goes to the same slot through the firmware. Only the kexec'd kernel panics, by KexecAppend=: early,
# before it reads its panic=, when the watchdog resets the machine, or late, when it restarts by itself.
# images: trixie.early
# soak: trixie.late

expect_lost() {
	expect 'bootassess: assess: switch \(exhausted\): active\.conf \+0-5 -> passive\.conf by kexec'
	expect 'Kernel panic - not syncing'
	expect 'bootassess: refund passive\.conf \+2-1 \+3'
	expect 'bootassess: assess: switch \(kexec-lost\): active\.conf \+0-6 -> passive\.conf by firmware; no kexec: lost$'
	expect 'bootassess: assess: proceed \(trying\): passive\.conf \+2-1$'
	expect_root passive
	expect_boots 4 3
	expect_entries active+0-6 passive+2-1
}

machine esp root
loader_conf 'default active*'
entry passive+3
case $PART in
early)
	watchdog
	SORT_KEY=0 entry active+0-4 test.pre=config-panic-early,watchdog watchdog.stop_on_reboot=0
	boot
	expect 'Kernel panic - not syncing: Cannot find place for new RAMDISK'
	refute 'Rebooting in'
	;;
late)
	SORT_KEY=0 entry active+0-4 test.pre=config-kexec,config-panic-late
	boot
	expect 'Rebooting in 5 seconds'
	;;
esac
expect_lost
