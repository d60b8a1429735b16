# shellcheck shell=bash
# stories: F9 F10 F11 F29 F31 F34
# A required health check fails on one slot, and hangs on the other, as if the network were gone. Both
# are left, but recovery is tried only once: then the device waits, and resets nothing. Each system can
# tell why it runs. The clock of the machine goes back by decades meanwhile.
machine esp late
loader_conf 'default active*'
late_script <<'END'
tell() {
	bootassess history | sed 's/^/TEST: history: /'
	bootassess why | paste -sd' ' | sed 's/^/TEST: why: /'
	systemctl poweroff -ff
}
case $1 in
recovery) tell ;;
*)
	journalctl -f -n all -o cat -u bootassess-fail.service | grep -q -m 1 'waiting .* s'
	tell
	;;
esac
END
conf="test.conf=Ladder/Reset=reset test.conf=Check/CheckRetries=0 test.conf=Check/CheckTimeoutSec=5"
late_entry active+1-2 test.check=fail "$conf" test.late=script
late_entry passive+1-2 test.check=hang "$conf" test.late=script
late_entry recovery+3 test.late=script
late_entry reset+2

echo "until recovery:"
clock 2037-12-31
boot
expect 'bootassess: assess: proceed \(last-try\): active\.conf \+0-3$'
expect 'bootassess: fail: switch \(failed\): active\.conf \+0-3 -> passive\.conf by kexec; reason: check "50-network" failed: no answer from 192\.0\.2\.1$'
expect 'bootassess: assess: proceed \(last-try\): passive\.conf \+0-3 via kexec$'
expect 'bootassess: fail: switch \(shared-fault\): passive\.conf \+0-3 via kexec -> recovery\.conf by firmware; .*; reason: check "50-network" failed'
expect 'TEST: root reached.* test\.entry=recovery( |$)'
expect 'TEST: why: .*"50-network".*no answer from 192\.0\.2\.1'
refute 'TEST: bless: loaded active.*test\.entry=(active|passive)'
expect_boots 3 2
expect_entries active+3-0 passive+3-0 recovery+2-1 reset+2

echo "no second time:"
clock 2026-02-01
boot
expect 'bootassess: assess: proceed \(trying\): active\.conf \+2-1$'
expect 'bootassess: fail: hold \(shared-fault\): active\.conf \+2-1; reason: check "50-network" failed'
history=$(sed -n 's/.*TEST: history: *\([0-9][0-9]*\) .*/\1/p' "$LOG" | paste -sd' ')
[ "$history" = "3 2 1" ] || die "the order of the history is: $history"
expect 'TEST: history: .*3  2026-.* hold .*shared-fault'
expect 'TEST: history: .*2  203[78]-.* switch .*shared-fault'
expect_boots 1 1
expect_entries active+2-1 passive+3-0 recovery+2-1 reset+2
