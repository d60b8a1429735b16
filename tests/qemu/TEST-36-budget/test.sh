# shellcheck shell=bash
# Recovery is not blessed out of its budget; a system slot that is blessed gives it back.
machine esp late
loader_conf 'default recovery*'
late_script <<'END'
if [ "$1" = recovery ]; then
	bootassess switch active --method=firmware
else
	systemctl poweroff -ff
fi
END
late_entry active+3 fstab=no systemd.gpt_auto=no test.late=script
late_entry recovery+3 fstab=no systemd.gpt_auto=no test.late=script
boot
expect 'bootassess: assess: proceed \(trying\): recovery\.conf \+2-1$'
expect 'bootassess: switch: switch \(requested\): recovery\.conf \+2-1 -> active\.conf by firmware'
expect 'bootassess: assess: proceed \(trying\): active\.conf \+2-1$'
[ "$(grep -c 'TEST: bless: loaded active' "$LOG")" = 2 ] || die "not blessed twice"
expect_boots 2 2
expect_entries active recovery+3-0
