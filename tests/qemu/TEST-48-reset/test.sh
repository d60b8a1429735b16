# shellcheck shell=bash
# stories: F4 F32
# The ladder to its end: both slots and recovery fail, the partition that may be wiped is wiped once, that
# does not help, and the device waits and tries again, for ever. A slot that has meanwhile become good
# boots, is blessed, and all have their tries again. The history has outlived the reset.
bad="root=$(root_is broken) rootfstype=ext4"
conf="test.conf=Ladder/Tries=1 test.conf=Ladder/RecoveryTries=1 test.conf=Ladder/ResetTries=1"
conf+=" test.conf=Ladder/HoldDelaySec=5 test.conf=Reset/ResetMethod=wipe test.conf=Reset/ResetWipe=data"
machine esp broken late data
loader_conf 'default active*'
late_script <<'END'
bootassess history | sed 's/^/TEST: history: /'
systemctl poweroff -ff
END
# shellcheck disable=SC2086 # words
{
	entry active+1 $bad $conf
	entry passive+1 $bad $conf
	entry recovery+1 $bad $conf
}
[ "$(file_system data)" = ext4 ] || die "no file system to begin with"

echo "to the end:"
boot -u 'bootassess: waiting 5 s' -m 9
expect 'bootassess: .*: hold \(all-exhausted\)'
expect 'bootassess: assess: reset '
[ "$(grep -a -c 'bootassess: wiped the signatures of the partition "data"' "$LOG")" = 1 ] ||
	die "not wiped once"
[ "$(file_system data)" = "" ] || die "$(file_system data) is left"
[ "$(file_system late)" = ext4 ] || die "more than the one partition was wiped"

echo "the power is cut while it waits: once more, but nothing is reset:"
boot -u 'bootassess: .*: hold \(all-exhausted\)' -m 9
refute 'bootassess: wipe'

echo "a slot has become good:"
mdel -i "${PART_AT[esp]}" "::/loader/entries/active*"
SORT_KEY=1 late_entry active+1 "$conf" test.late=script
boot
expect 'TEST: root reached.* test\.entry=active( |$)'
expect 'TEST: bless: loaded active'
expect 'TEST: history: .* reset '
expect_boots 1 1
expect_entries active passive+0-1 recovery+1-0
