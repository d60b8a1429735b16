# shellcheck shell=bash
# stories: F12 F13 F14 F15
# Userspace hangs in the initramfs, the deadline with it. The hardware watchdog, whose driver the
# program loads, restarts the machine, and the hang costs a try. One that is shorter than the
# initramfs is fed.
machine esp root
watchdog
loader_conf 'default active*'
entry active+1-2 "root=$(root_is missing)" test.conf=Watchdog/Watchdog=30 test.pre=starve
entry passive+3 test.conf=Watchdog/Watchdog=8
boot
expect 'bootassess: watchdog0 \(.*\) runs: without being fed for 30 s it resets the machine'
expect 'bootassess: assess: proceed \(last-try\): active\.conf \+0-3'
expect 'TEST: starved'
refute 'bootassess: deadline:'
expect 'bootassess: assess: switch \(exhausted\): active\.conf \+0-4 -> passive\.conf'
expect 'bootassess: watchdog0 \(.*\) runs: without being fed for 8 s it resets the machine'
expect_root passive
expect_boots 3 3
expect_entries active+0-4 passive+2-1
