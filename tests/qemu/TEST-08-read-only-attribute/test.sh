# shellcheck shell=bash
# systemd-boot does not rename a file with the FAT attribute read-only: bootassess counts the boot.
machine esp root
entry active+3
entry passive+3
esp_read_only /loader/entries/active+3.conf
boot
expect 'bootassess: this boot of "active\+3\.conf" was not counted by the boot loader'
expect 'bootassess: assess: proceed \(trying\): active\.conf \+2-1'
expect_root active
expect_boots 1
expect_entries active+2-1 passive+3
