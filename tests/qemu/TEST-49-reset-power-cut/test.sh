# shellcheck shell=bash
# stories: F32 F33
# The power is cut while the machine is reset: before anything is wiped, then in the hook that comes after
# the wipe. The next boot finds that, and does it again; it was counted before it began, so not for ever.
conf="test.conf=Reset/ResetMethod=wipe test.conf=Reset/ResetWipe=data test.conf=Ladder/ResetTries=2"
conf+=" test.conf=Reset/ResetHook=/usr/lib/bootassess-test/reset-hook"
machine esp root data
# shellcheck disable=SC2086 # words
{
	entry active+0-9 $conf
	entry passive+0-9 $conf
	entry recovery+0-9 $conf
}

echo "before the wipe:"
boot -u 'bootassess: wipe$' -m 1
expect 'bootassess: assess: reset \(all-exhausted\): active\.conf'
expect_entries active+1-8 passive+0-9 recovery+0-9

echo "in the hook:"
boot -u 'TEST: reset hook' -m 1
expect 'bootassess: assess: reset \(all-exhausted\): active\.conf'
expect 'TEST: reset hook: resets=2 disk=/dev/vda$'
[ "$(file_system data)" = "" ] || die "$(file_system data) is left"
[ "$(file_system root)" = ext4 ] || die "more than the one partition was wiped"
expect_entries active+1-8 passive+0-9 recovery+0-9

echo "no third one:"
boot -u 'bootassess: .*: hold \(all-exhausted\)' -m 1
refute 'bootassess: wipe'
