// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "help.h"

static const struct {
	const char *verb;
	const char *text;
} texts[] = {
	{"status", "Usage: bootassess status [OPTION...]\n"
		   "Says where the device stands: which entry runs and why, the ladder, and what "
		   "happens if this\n"
		   "boot fails.\n\n"
		   "  --check-filesystem     let fsck.fat look at $BOOT as well, without a change\n"
		   "  --json[=short|pretty]  print one JSON object\n"
		   "  --root=DIR             read below DIR, leave the machine alone\n"},
	{"list", "Usage: bootassess list [OPTION...]\n"
		 "Lists the rungs of the ladder, one a line.\n\n"
		 "  --json[=short|pretty]  print one JSON array\n"
		 "  --root=DIR             read below DIR, leave the machine alone\n"},
	{"history", "Usage: bootassess history [OPTION...]\n"
		    "Lists what happened besides normal boots, the newest first: which entry "
		    "ran, what was decided\n"
		    "and why, and where that led.\n\n"
		    "  --json[=short|pretty]  print one JSON object\n"
		    "  --root=DIR             read below DIR, leave the machine alone\n"},
	{"why", "Usage: bootassess why [OPTION...]\n"
		"Says in a few sentences how the device got where it is.\n\n"
		"  --motd      one line, or nothing while all is normal: for the message of the "
		"day\n"
		"  --root=DIR  read below DIR, leave the machine alone\n"},
	{"metrics", "Usage: bootassess metrics [OPTION...]\n"
		    "Prints the state as metrics for the textfile collector of node_exporter.\n\n"
		    "  --output=FILE  write FILE instead, as a whole or not at all\n"
		    "  --root=DIR     read below DIR, leave the machine alone\n"},
	{"bless", "Usage: bootassess bless [OPTION...]\n"
		  "Says that the entry that runs is good: its counter is dropped. After a kexec it "
		  "gets its\n"
		  "tries again instead. The bless of a system slot refills recovery and reset.\n\n"
		  "  --dry-run              change nothing, say what would be done\n"
		  "  --json[=short|pretty]  print the decision as one JSON object\n"
		  "  --root=DIR             read and write below DIR, leave the machine alone\n"},
	{"fail", "Usage: bootassess fail [OPTION...]\n"
		 "Says that the entry that runs is no good: restarts the machine, or leaves for "
		 "the next rung.\n\n"
		 "  --reason=TEXT          why, for the log; default: the unit whose OnFailure= it "
		 "is, or the\n"
		 "                         units that have failed\n"
		 "  --dry-run              change nothing, say what would be done\n"
		 "  --json[=short|pretty]  print the decision as one JSON object\n"
		 "  --root=DIR             read and write below DIR, leave the machine alone\n"},
	{"mark",
	 "Usage: bootassess mark good|bad [ID] [OPTION...]\n"
	 "Marks a slot good (no counter) or bad (no tries left). Recovery and reset that are good "
	 "have all\ntheir tries. The slot that runs is not blessed any more in this boot once it "
	 "is marked bad.\n\n"
	 "  ID                     the entry, with or without suffix; default: the one that runs\n"
	 "  --dry-run              change nothing, say what would be done\n"
	 "  --json[=short|pretty]  print the decision as one JSON object\n"
	 "  --root=DIR             read and write below DIR, leave the machine alone\n"},
	{"rearm", "Usage: bootassess rearm [ID|all] [OPTION...]\n"
		  "Gives a rung its tries again; retry is the same.\n\n"
		  "  ID                     the entry, with or without suffix; default: each "
		  "system slot that\n"
		  "                         has a counter\n"
		  "  all                    each rung that has a counter, recovery and reset too\n"
		  "  --dry-run              change nothing, say what would be done\n"
		  "  --json[=short|pretty]  print the decision as one JSON object\n"
		  "  --root=DIR             read and write below DIR, leave the machine alone\n"},
	{"pin",
	 "Usage: bootassess pin ID [OPTION...]\n"
	 "Keeps the device on one entry, whatever its counter says: for a person at work.\n\n"
	 "  ID          the entry, with or without suffix\n"
	 "  --dry-run   change nothing, say what would be done\n"
	 "  --root=DIR  read and write below DIR, leave the machine alone\n"},
	{"unpin", "Usage: bootassess unpin [ID] [OPTION...]\n"
		  "Ends a pin; also takes back what a bless told the boot loader to prefer.\n\n"
		  "  ID          refuse if another entry is pinned\n"
		  "  --dry-run   change nothing, say what would be done\n"
		  "  --root=DIR  read and write below DIR, leave the machine alone\n"},
	{"activate",
	 "Usage: bootassess activate ID [OPTION...]\n"
	 "Makes a slot the one that the boot loader starts next. Undone by activate of another "
	 "one, "
	 "or unpin.\n\n"
	 "  ID                     the entry, with or without suffix\n"
	 "  --now                  restart the machine at once\n"
	 "  --kexec                the same, by kexec\n"
	 "  --force                also a slot without tries left: it is booted once\n"
	 "  --dry-run              change nothing, say what would be done\n"
	 "  --json[=short|pretty]  print what is done as one JSON object\n"
	 "  --root=DIR             read and write below DIR, leave the machine alone\n"},
	{"can-overwrite", "Usage: bootassess can-overwrite ID [OPTION...]\n"
			  "May an updater write into this slot? Exit status 0: yes; 1: no.\n\n"
			  "  ID                     the entry, with or without suffix\n"
			  "  --json[=short|pretty]  print one JSON object\n"
			  "  --root=DIR             read below DIR, leave the machine alone\n"},
	{"install",
	 "Usage: bootassess install ID FILE.efi [OPTION...]\n"
	 "       bootassess install ID --linux=FILE [--initrd=FILE...] [--options=TEXT] "
	 "[OPTION...]\n"
	 "       bootassess install ID --tree=DIR [OPTION...]\n"
	 "Writes a new version into a slot, so that no power cut can break it, and gives it its "
	 "tries.\n\n"
	 "  ID                     the entry, with or without suffix; a new one too\n"
	 "  FILE.efi               a UKI\n"
	 "  --linux=FILE           a kernel\n"
	 "  --initrd=FILE          an initrd; as often as needed, in order\n"
	 "  --options=TEXT         the command line; default: that of the entry as it is\n"
	 "  --tree=DIR             the folder of the boot loader that the entry starts\n"
	 "  --force                also over the slot that runs or the last good one, or unsigned\n"
	 "  --dry-run              change nothing, say what would be done\n"
	 "  --json[=short|pretty]  print one JSON object\n"
	 "  --root=DIR             read and write below DIR, leave the machine alone\n"},
	{"copy", "Usage: bootassess copy FROM TO [OPTION...]\n"
		 "Installs the files of one slot into another.\n\n"
		 "  FROM, TO               the entries, with or without suffix\n"
		 "  --options=TEXT         the command line; default: that of FROM\n"
		 "  --force                also a slot that is not good over a good one\n"
		 "  --dry-run              change nothing, say what would be done\n"
		 "  --json[=short|pretty]  print one JSON object\n"
		 "  --root=DIR             read and write below DIR, leave the machine alone\n"},
	{"remove", "Usage: bootassess remove ID [OPTION...]\n"
		   "Takes a slot away: its entry, then the files that no other entry names.\n\n"
		   "  ID                     the entry, with or without suffix\n"
		   "  --force                also the slot that runs or the last good one\n"
		   "  --dry-run              change nothing, say what would be done\n"
		   "  --json[=short|pretty]  print one JSON object\n"
		   "  --root=DIR             read and write below DIR, leave the machine alone\n"},
	{"boot-entries",
	 "Usage: bootassess boot-entries [OPTION...]\n"
	 "Checks and repairs the firmware's boot options (Boot####, BootOrder) of the ladder, as a "
	 "bless does:\n"
	 "where the firmware itself starts the UKIs.\n\n"
	 "  --dry-run   change nothing, say what would be done\n"
	 "  --root=DIR  read and write below DIR, leave the machine alone\n"},
	{"switch",
	 "Usage: bootassess switch [ID] [OPTION...]\n"
	 "Leaves for another rung of the ladder now: restarts the machine.\n\n"
	 "  ID                     the entry, with or without suffix; default: the next rung\n"
	 "  --method=METHOD        kexec or firmware: only this one\n"
	 "  --dry-run              change nothing, say what would be done\n"
	 "  --json[=short|pretty]  print the decision as one JSON object\n"
	 "  --root=DIR             read and write below DIR, leave the machine alone\n"},
	{"reboot",
	 "Usage: bootassess reboot [OPTION...]\n"
	 "Restarts the machine. With bootassess-reboot.service enabled that is a kexec into what "
	 "boots next.\n\n"
	 "  --firmware             go through the firmware and the boot loader, this once\n"
	 "  --prepare              load what boots next, if the machine is restarting; for the "
	 "unit\n"
	 "  --cancel               unload it again; for the unit\n"
	 "  --dry-run              change nothing, say what would be started, and how\n"
	 "  --json[=short|pretty]  print the decision as one JSON object\n"
	 "  --root=DIR             read and write below DIR, leave the machine alone\n"},
	{"guard",
	 "Usage: bootassess guard [OPTION...]\n"
	 "Waits for the boot deadline, and gives this boot up if it has not come to its bless "
	 "by then.\n"
	 "For bootassess-guard.service.\n\n"
	 "  --dry-run              do not wait, change nothing, say what would be done\n"
	 "  --json[=short|pretty]  print the decision as one JSON object\n"
	 "  --root=DIR             do not wait, read and write below DIR, leave the machine "
	 "alone\n"},
	{"refund",
	 "Usage: bootassess refund [OPTION...]\n"
	 "Gives the try of this boot back while the machine goes down in good order before the "
	 "bless; else\n"
	 "does nothing. For bootassess-refund.service.\n\n"
	 "  --sleep                before a hibernation: remember the counter\n"
	 "  --resumed              after it: give back what the resume took\n"
	 "  --dry-run              change nothing, say what would be done\n"
	 "  --json[=short|pretty]  print the decision as one JSON object\n"
	 "  --root=DIR             read and write below DIR, as if it went down; leave the machine "
	 "alone\n"},
	{"check",
	 "Usage: bootassess check [OPTION...]\n"
	 "Runs the health checks of this machine. Exit status 0: it is healthy; 1: a required "
	 "check failed.\n\n"
	 "  --boot                 this is the verdict on this boot: note it, and run the hooks\n"
	 "  --list                 say which checks there are, run none\n"
	 "  --json[=short|pretty]  print the results as one JSON object\n"
	 "  --root=DIR             list the checks below DIR\n"
	 "  --run                  run those below DIR all the same\n"},
	{"recover",
	 "Usage: bootassess recover [OPTION...]\n"
	 "Runs the recovery hooks of this machine, and leaves recovery once a system slot can boot "
	 "again.\n"
	 "For bootassess-recovery.service.\n\n"
	 "  --list                 say which hooks there are, run none\n"
	 "  --dry-run              run none, say what a repair would lead to\n"
	 "  --json[=short|pretty]  print the results as one JSON object\n"
	 "  --root=DIR             list the hooks below DIR\n"
	 "  --run                  run those below DIR all the same\n"},
	{"check-initrd",
	 "Usage: bootassess check-initrd [IMAGE] [OPTION...]\n"
	 "Says whether bootassess is in an initramfs with all that it takes, and whether the "
	 "command "
	 "line\nfits a device without a keyboard. Exit status 0: yes; 1: no.\n\n"
	 "  IMAGE                  an initramfs, or a UKI; default: what the entries of the ladder "
	 "name\n"
	 "  --cmdline=TEXT         this command line; default: that of the UKI, or those of the "
	 "entries\n"
	 "  --json[=short|pretty]  print one JSON object\n"
	 "  --root=DIR             read below DIR (not IMAGE), leave the machine alone\n"},
	{"simulate",
	 "Usage: bootassess simulate [OPTION...]\n"
	 "Plays the boots to come of this device, from where it stands now, until a rung runs. "
	 "Changes nothing.\n"
	 "Exit status 0: a rung runs in the end; 1: none does.\n\n"
	 "  --fail=ID[=HOW][@N]    this rung fails, from its boot N on: by panic (the default), "
	 "no-root,\n"
	 "                         hang or fail (a check); more after a comma; `all` is every "
	 "rung\n"
	 "  --all                  play every set of rungs that fail, and say what to look at\n"
	 "  --boots=N              at most so many boots; default: 200\n"
	 "  --kexec                as if a kexec were possible\n"
	 "  --no-kexec             as if none were\n"
	 "  --json[=short|pretty]  print one JSON object\n"
	 "  --root=DIR             read below DIR, leave the machine alone\n"},
	{"graph",
	 "Usage: bootassess graph [OPTION...]\n"
	 "Prints the states that this device can come to, and what leads from one to the other, "
	 "for dot(1).\n\n"
	 "  --kexec     as if a kexec were possible\n"
	 "  --no-kexec  as if none were\n"
	 "  --root=DIR  read below DIR, leave the machine alone\n"},
	{"kexec-check",
	 "Usage: bootassess kexec-check [ID] [OPTION...]\n"
	 "Says whether a kexec into a rung is possible, and what it would start. Loads nothing.\n\n"
	 "  ID                     the entry, with or without suffix; default: the next rung\n"
	 "  --forget               forget that a kexec was lost, and allow it again\n"
	 "  --json[=short|pretty]  print one JSON object\n"
	 "  --root=DIR             read below DIR, leave the machine alone\n"},
};

static const char program_text[] =
	"Usage: bootassess VERB [OPTION...]\n"
	"Works on the boot slots of the running system.\n\n"
	"  status               say where the device stands\n"
	"  list                 list the rungs of the ladder\n"
	"  history              list what happened besides normal boots\n"
	"  why                  say how the device got here\n"
	"  metrics              print the state for node_exporter\n"
	"  bless                the entry that runs is good\n"
	"  fail                 the entry that runs is no good: leave it\n"
	"  mark good|bad [ID]   mark a slot\n"
	"  rearm [ID|all]       give a rung its tries again (also: retry)\n"
	"  pin ID, unpin [ID]   keep the device on one entry\n"
	"  activate ID          make a slot the next one\n"
	"  can-overwrite ID     may an updater write into this slot?\n"
	"  install ID FILE.efi  write a new version into a slot\n"
	"  copy FROM TO         write one slot into another\n"
	"  remove ID            take a slot away\n"
	"  boot-entries         repair the firmware's boot options of the ladder\n"
	"  switch [ID]          leave for another rung of the ladder now\n"
	"  reboot               restart the machine\n"
	"  guard                give the boot up at its deadline\n"
	"  refund               a planned restart takes no try\n"
	"  check                run the health checks\n"
	"  recover              run the recovery hooks\n"
	"  check-initrd [IMAGE] is bootassess in it, and all that it takes?\n"
	"  simulate             play the boots to come\n"
	"  graph                draw the states that the device can come to\n"
	"  kexec-check [ID]     say whether a kexec into a rung is possible\n\n"
	"  VERB --help          say more\n"
	"  --help               print this\n"
	"  --version            print the version\n\n"
	"Exit status: 0 done, 1 refused or failed, 2 usage. See bootassess(8).\n";

const char *help_of(const char *verb)
{
	for (size_t i = 0; verb && i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (strcmp(texts[i].verb, verb) == 0 ||
		    (strcmp(verb, "retry") == 0 && strcmp(texts[i].verb, "rearm") == 0))
			return texts[i].text;
	}
	return program_text;
}
