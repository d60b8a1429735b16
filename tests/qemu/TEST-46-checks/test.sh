# shellcheck shell=bash
# stories: F9 F10 F11 F29 F31 F34
# A required health check fails on one slot, and hangs on the other, as if the network were gone. Both
# are left, but recovery is tried only once: it gives the slots another chance by itself, and then the device
# waits, and resets nothing. Each system can tell why it runs. The clock of the machine goes back by years
# meanwhile.
machine esp late
loader_conf 'default active*'
late_script <<'END'
[ "$1" != recovery ] || exit
journalctl -f -n all -o cat -u bootassess-fail.service | grep -q -m 1 'waiting .* s'
bootassess history | sed 's/^/TEST: history: /'
bootassess why | paste -sd' ' | sed 's/^/TEST: why: /'
systemctl poweroff -ff
END
conf="test.conf=Ladder/Tries=1 test.conf=Ladder/Reset=reset test.conf=Ladder/HoldDelaySec=30"
conf+=" test.conf=Check/CheckRetries=0 test.conf=Check/CheckTimeoutSec=5"
# shellcheck disable=SC2086 # words
{
	late_entry active+1 test.check=fail $conf test.late=script
	late_entry passive+1 test.check=hang $conf test.late=script
	late_entry recovery+3 $conf test.late=script
}
late_entry reset+2

echo "from slot to slot:"
clock 2037-12-31
boot -u 'reboot: Restarting system'
expect 'bootassess: assess: proceed \(last-try\): active\.conf \+0-1$'
expect 'bootassess: fail: switch \(failed\): active\.conf \+0-1 -> passive\.conf by kexec; reason: check "50-network" failed: no answer from 192\.0\.2\.1$'
expect 'bootassess: assess: proceed \(last-try\): passive\.conf \+0-1 via kexec$'
expect 'bootassess: fail: switch \(shared-fault\): passive\.conf \+0-1 via kexec -> recovery\.conf by firmware; .*; reason: check "50-network" failed: no end within 5 s$'

echo "recovery, once, and the first slot again:"
clock 2026-02-01
boot
expect 'bootassess: assess: proceed \(trying\): recovery\.conf \+2-1$'
expect 'bootassess: recovery was entered for a fault that all system slots had'
expect 'bootassess: assess: proceed \(last-try\): active\.conf \+0-1'
expect 'bootassess: fail: hold \(shared-fault\): active\.conf \+0-1.*; reason: check "50-network" failed'
refute 'TEST: bless: loaded active.*test\.entry=(active|passive)'
expect 'TEST: why: .*"50-network".*no answer from 192\.0\.2\.1'
history=$(sed -n 's/.*TEST: history: *\([0-9][0-9]*\) .*/\1/p' "$LOG" | paste -sd' ')
[ "$history" = "4 3 2 1" ] || die "the order of the history is: $history"
expect 'TEST: history: .*4  2026-.* hold .*shared-fault'
expect 'TEST: history: .*2  203[78]-.* switch .*shared-fault'
expect_boots 2 1
expect_entries active+1-0 passive+1-0 recovery+2-1 reset+2
