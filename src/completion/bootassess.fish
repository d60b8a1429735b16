# SPDX-License-Identifier: LGPL-2.1-or-later
# fish completion for bootassess(8). IDs need root, as the ESP does.

# Only rungs that are there: the id of a missing one is its pattern.
function __bootassess_ids
    bootassess list --json 2>/dev/null | string replace -a '{' \n | string match -v '*"state":"missing"*' |
        string replace -rf '^"id":"([^"]*)".*' '$1'
end

# True if the verb is one of these.
function __bootassess_is
    __fish_seen_subcommand_from $argv
end

complete -c bootassess -f
complete -c bootassess -n __fish_use_subcommand -l version -d 'Print the version'
complete -c bootassess -s h -l help -d 'Print a summary'

complete -c bootassess -n __fish_use_subcommand -a status -d 'Say where the device stands'
complete -c bootassess -n __fish_use_subcommand -a list -d 'List the rungs of the ladder'
complete -c bootassess -n __fish_use_subcommand -a history -d 'List what happened besides normal boots'
complete -c bootassess -n __fish_use_subcommand -a why -d 'Say how the device got here'
complete -c bootassess -n __fish_use_subcommand -a metrics -d 'Print the state for node_exporter'
complete -c bootassess -n __fish_use_subcommand -a bless -d 'The entry that runs is good'
complete -c bootassess -n __fish_use_subcommand -a fail -d 'The entry that runs is no good: leave it'
complete -c bootassess -n __fish_use_subcommand -a mark -d 'Mark a slot good or bad'
complete -c bootassess -n __fish_use_subcommand -a rearm -d 'Give a rung its tries again'
complete -c bootassess -n __fish_use_subcommand -a retry -d 'Give a rung its tries again'
complete -c bootassess -n __fish_use_subcommand -a pin -d 'Keep the device on one entry'
complete -c bootassess -n __fish_use_subcommand -a unpin -d 'End a pin'
complete -c bootassess -n __fish_use_subcommand -a activate -d 'Make a slot the next one'
complete -c bootassess -n __fish_use_subcommand -a can-overwrite -d 'May an updater write into this slot?'
complete -c bootassess -n __fish_use_subcommand -a install -d 'Write a new version into a slot'
complete -c bootassess -n __fish_use_subcommand -a copy -d 'Write one slot into another'
complete -c bootassess -n __fish_use_subcommand -a remove -d 'Take a slot away'
complete -c bootassess -n __fish_use_subcommand -a boot-entries -d 'Repair the boot options of the firmware'
complete -c bootassess -n __fish_use_subcommand -a switch -d 'Leave for another rung of the ladder now'
complete -c bootassess -n __fish_use_subcommand -a reboot -d 'Restart the machine'
complete -c bootassess -n __fish_use_subcommand -a guard -d 'Give the boot up at its deadline'
complete -c bootassess -n __fish_use_subcommand -a refund -d 'Give the try of a planned restart back'
complete -c bootassess -n __fish_use_subcommand -a check -d 'Run the health checks'
complete -c bootassess -n __fish_use_subcommand -a recover -d 'Run the recovery hooks'
complete -c bootassess -n __fish_use_subcommand -a check-initrd -d 'Is bootassess in an initramfs, with all that it takes?'
complete -c bootassess -n __fish_use_subcommand -a simulate -d 'Play the boots to come'
complete -c bootassess -n __fish_use_subcommand -a graph -d 'Draw the states that the device can come to'
complete -c bootassess -n __fish_use_subcommand -a kexec-check -d 'Say whether a kexec into a rung is possible'

complete -c bootassess -n 'not __fish_use_subcommand' -l root -x -a '(__fish_complete_directories)' -d 'Work below a directory'
complete -c bootassess -n '__bootassess_is status list history bless fail mark rearm retry activate can-overwrite install copy remove switch reboot guard refund check recover check-initrd simulate kexec-check' \
    -l json -a 'short pretty' -d 'Print JSON'
complete -c bootassess -n '__bootassess_is bless fail mark rearm retry pin unpin activate install copy remove boot-entries switch guard refund recover' -l dry-run -d 'Change nothing'
complete -c bootassess -n '__bootassess_is metrics' -l output -r -F -d 'Write a file'
complete -c bootassess -n '__bootassess_is why' -l motd -d 'One line, or nothing'
complete -c bootassess -n '__bootassess_is fail' -l reason -x -d Why
complete -c bootassess -n '__bootassess_is switch' -l method -x -a 'kexec firmware' -d 'Only this one'
complete -c bootassess -n '__bootassess_is activate' -l now -d 'Restart at once'
complete -c bootassess -n '__bootassess_is activate' -l kexec -d 'Restart at once, by kexec'
complete -c bootassess -n '__bootassess_is activate' -l force -d 'Also without tries left'
complete -c bootassess -n '__bootassess_is install' -l linux -r -F -d 'A kernel'
complete -c bootassess -n '__bootassess_is install' -l initrd -r -F -d 'An initrd'
complete -c bootassess -n '__bootassess_is install' -l tree -x -a '(__fish_complete_directories)' -d 'The folder of a boot loader'
complete -c bootassess -n '__bootassess_is install copy' -l options -x -d 'The command line'
complete -c bootassess -n '__bootassess_is install copy remove' -l force -d 'Also the last good slot'
complete -c bootassess -n '__bootassess_is status' -l check-filesystem -d 'Let fsck.fat look at the file systems'
complete -c bootassess -n '__bootassess_is reboot' -l firmware -d 'Go through the firmware, this once'
complete -c bootassess -n '__bootassess_is reboot' -l prepare -d 'Load what boots next'
complete -c bootassess -n '__bootassess_is reboot' -l cancel -d 'Unload it again'
complete -c bootassess -n '__bootassess_is refund' -l sleep -d 'Before a hibernation'
complete -c bootassess -n '__bootassess_is refund' -l resumed -d 'After it'
complete -c bootassess -n '__bootassess_is check' -l boot -d 'The verdict on this boot'
complete -c bootassess -n '__bootassess_is check recover' -l list -d 'Run none'
complete -c bootassess -n '__bootassess_is check recover' -l run -d 'With --root, run them'
complete -c bootassess -n '__bootassess_is check-initrd' -l cmdline -x -d 'This command line'
complete -c bootassess -n '__bootassess_is check-initrd' -F
complete -c bootassess -n '__bootassess_is simulate' -l fail -x -d 'These rungs fail: ID[=HOW][@N],...'
complete -c bootassess -n '__bootassess_is simulate' -l all -d 'Every set of rungs that fail'
complete -c bootassess -n '__bootassess_is simulate' -l boots -x -d 'At most so many'
complete -c bootassess -n '__bootassess_is simulate graph' -l kexec -d 'As if a kexec were possible'
complete -c bootassess -n '__bootassess_is simulate graph' -l no-kexec -d 'As if none were'
complete -c bootassess -n '__bootassess_is kexec-check' -l forget -d 'Allow it again'

complete -c bootassess -n '__bootassess_is mark; and not __fish_seen_subcommand_from good bad' -a 'good bad'
complete -c bootassess -n '__bootassess_is mark; and __fish_seen_subcommand_from good bad' -a '(__bootassess_ids)'
complete -c bootassess -n '__bootassess_is rearm retry' -a 'all (__bootassess_ids)'
complete -c bootassess -n '__bootassess_is pin unpin activate can-overwrite install copy remove switch kexec-check' -a '(__bootassess_ids)'
