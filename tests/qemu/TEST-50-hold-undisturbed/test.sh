# shellcheck shell=bash
# stories: F4 F17
# While the device waits on purpose the root file system does not come either, and dracut gives up: without a
# shell (rd.shell=0) it would switch the machine off, for ever. The wait goes on to its end, then the
# machine starts again.
conf="rd.shell=0 rd.timeout=10 root=$(root_is missing) test.conf=Ladder/HoldDelaySec=40"
conf+=" rd.bootassess.deadline=20"
machine esp root
# shellcheck disable=SC2086 # words
{
	entry active+0-3 $conf
	entry passive+0-9 $conf
	entry recovery+0-9 $conf
}
boot -u ' Linux version ' -n 2 -m 2
expect 'bootassess: assess: hold \(all-exhausted\): active\.conf \+0-4'
expect 'bootassess: waiting 40 s, then starting again'
refute 'Power down'
expect_entries active+2-1 passive+3-0 recovery+3-0
