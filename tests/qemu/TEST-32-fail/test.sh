# shellcheck shell=bash
# A unit that boot-complete.target requires fails: a restart while there are tries, then the next
# slot. A kexec started that, so the firmware has to start it once, too; then it is blessed, and from
# then on the loader starts it, whatever its `default` says.
machine esp late
loader_conf 'default active*'
late_script <<'END'
echo "TEST: next: $(journalctl -o cat -u bootassess-bless.service | grep -oE '(prefer|oneshot) .*' | paste -sd,)"
case $(cat /proc/sys/kernel/bootloader_type) in
208) systemctl reboot ;;
*) systemctl poweroff -ff ;;
esac
END
late_entry active+2-1 test.fail test.late=wait
late_entry passive+3 test.late=script
late_entry recovery+3
boot
expect 'bootassess: assess: proceed \(trying\): active\.conf \+1-2$'
expect 'bootassess: fail: retry \(failed\): active\.conf \+1-2; reason: failed units: bootassess-test-check\.service$'
expect 'bootassess: assess: proceed \(last-try\): active\.conf \+0-3$'
expect 'bootassess: fail: switch \(failed\): active\.conf \+0-3 -> passive\.conf by kexec; reason: failed units: bootassess-test-check\.service$'
expect 'bootassess: assess: proceed \(trying\): passive\.conf \+2-1 via kexec$'
expect 'bootassess: assess: proceed \(trying\): passive\.conf \+2-1$'
expect 'TEST: next: oneshot passive\.conf$'
expect 'TEST: next: prefer passive\.conf$'
[ "$(grep -c 'TEST: bless: loaded active' "$LOG")" = 2 ] || die "not blessed twice"
expect_boots 4 3
expect_entries active+0-3 passive recovery+3
