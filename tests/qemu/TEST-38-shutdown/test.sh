# shellcheck shell=bash
# An application fails while it is stopped, and its OnFailure= gives up the boot: a shutdown stays a
# shutdown, and the slot stays good.
machine esp late
late_script <<'END'
cat >/run/systemd/system/app.service <<'UNIT'
[Unit]
OnFailure=bootassess-fail.service
[Service]
ExecStart=/bin/sleep infinity
ExecStop=/bin/false
UNIT
# Without it all is over before the unit that gives up is started.
cat >/run/systemd/system/slow.service <<'UNIT'
[Unit]
DefaultDependencies=no
Conflicts=shutdown.target
Before=shutdown.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/true
ExecStop=/bin/sleep 8
UNIT
systemctl daemon-reload
systemctl start app.service slow.service
systemctl poweroff
END
late_entry active test.late=script
late_entry passive+3
boot
expect "Starting .*bootassess-fail\.service"
expect_boots 1 1
expect_entries active passive+3
