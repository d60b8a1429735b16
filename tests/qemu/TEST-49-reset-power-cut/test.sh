# shellcheck shell=bash
# stories: F32 F33
# The power is cut while the machine is reset. The next boot finds that, and does it again; it was counted
# before it began, so not for ever.
conf="test.conf=Reset/ResetMethod=wipe test.conf=Reset/ResetWipe=data test.conf=Ladder/ResetTries=2"
machine esp root data
entry active+0-9 "$conf"
entry passive+0-9 "$conf"
entry recovery+0-9 "$conf"

for reset in 1 2; do
	echo "reset $reset:"
	boot -u 'bootassess: wipe$' -m 1
	expect 'bootassess: assess: reset \(all-exhausted\): active\.conf'
	expect_entries active+1-8 passive+0-9 recovery+0-9
done
echo "no third one:"
boot -u 'bootassess: .*: hold \(all-exhausted\)' -m 1
refute 'bootassess: wipe'
