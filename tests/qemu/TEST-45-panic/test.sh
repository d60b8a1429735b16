# shellcheck shell=bash
# stories: F12
# A kernel panic costs a try and restarts the machine: by panic=, and without that by the watchdog.
machine esp root
watchdog
loader_conf 'default active*'
entry active+1-2 test.then=die test.conf=Watchdog/Watchdog=30
PANIC='' entry passive+1-2 test.then=die test.conf=Watchdog/Watchdog=30
entry recovery+3
boot
expect 'bootassess: assess: proceed \(last-try\): active\.conf \+0-3$'
expect 'bootassess: assess: switch \(exhausted\): active\.conf \+0-4 -> passive\.conf'
expect 'bootassess: assess: proceed \(last-try\): passive\.conf \+0-3$'
expect 'bootassess: assess: switch \(exhausted\): active\.conf \+0-5 -> recovery\.conf'
expect 'TEST: root reached.* test\.entry=recovery( |$)'
[ "$(grep -a -c '\] Kernel panic' "$LOG")" = 2 ] || die "not two panics"
[ "$(grep -a -c 'Rebooting in 5 seconds' "$LOG")" = 1 ] || die "not one restart by panic="
expect_boots 5 5
expect_entries active+0-5 passive+0-3 recovery+2-1
