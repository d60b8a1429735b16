# shellcheck shell=bash
# stories: F5
# Somebody restarts the machine before the bless: that is no failure, and the try is given back. But not
# for ever: a system that restarts itself again and again is left.
machine esp late
loader_conf 'default active*'
late_entry active+1-2 test.pre=late-reboot test.conf=Ladder/RefundReboots=1
late_entry passive+3
boot
[ "$(grep -a -c 'bootassess: assess: proceed (last-try): active\.conf +0-3' "$LOG")" = 2 ] ||
	die "the last try was not taken twice"
expect 'bootassess: assess: switch \(exhausted\): active\.conf \+0-4 -> passive\.conf by firmware'
expect 'TEST: root reached.* test\.entry=passive( |$)'
expect 'TEST: bless: loaded active'
expect_boots 4 4
expect_entries active+0-4 passive
