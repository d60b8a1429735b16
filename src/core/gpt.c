// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stddef.h>
#include <strings.h>

#include "gpt.h"

enum type {
	TYPE_ESP,
	TYPE_XBOOTLDR,
	TYPE_LOADER,
	TYPE_KERNEL,
	TYPE_ROOT,
	TYPE_USR,
	TYPE_VERITY,
	TYPE_SIGNATURE,
};

static const char *const names[] = {
	[TYPE_ESP] = "an EFI system partition",
	[TYPE_XBOOTLDR] = "an extended boot partition (XBOOTLDR)",
	[TYPE_LOADER] = "a partition of a boot loader",
	[TYPE_KERNEL] = "a partition of a kernel",
	[TYPE_ROOT] = "a root file system",
	[TYPE_USR] = "a /usr file system",
	[TYPE_VERITY] = "verity data",
	[TYPE_SIGNATURE] = "a verity signature",
};

/* clang-format off */
static const struct {
	char guid[37];
	unsigned char type; /* enum type */
} types[] = {
	{"c12a7328-f81f-11d2-ba4b-00a0c93ec93b", TYPE_ESP}, /* EFI System */
	{"bc13c2ff-59e6-4262-a352-b275fd6f7172", TYPE_XBOOTLDR}, /* Linux extended boot */
	{"21686148-6449-6e6f-744e-656564454649", TYPE_LOADER}, /* BIOS boot */
	{"9e1a2d38-c612-4316-aa26-8b49521e5a8b", TYPE_LOADER}, /* PowerPC PReP boot */
	{"6828311a-ba55-42a4-bcde-a89bb5edecae", TYPE_LOADER}, /* Marvell Armada 3700 Boot partition */
	{"7412f7d5-a156-4b13-81dc-867174929325", TYPE_LOADER}, /* ONIE boot */
	{"fe3a2a5d-4f32-41a7-b725-accc3285a309", TYPE_KERNEL}, /* ChromeOS kernel */
	{"3cb8e202-3b7e-47dd-8a3c-7ff2a13cfcec", TYPE_ROOT}, /* ChromeOS root fs */
	{"3de21764-95bd-54bd-a5c3-4abe786f38a8", TYPE_LOADER}, /* U-Boot environment */
	{"44479540-f297-41b2-9af7-d131d5f0458a", TYPE_ROOT}, /* Linux root (x86) */
	{"75250d76-8cc6-458e-bd66-bd47cc81a812", TYPE_USR}, /* Linux /usr (x86) */
	{"d13c5d3b-b5d1-422a-b29f-9454fdc89d76", TYPE_VERITY}, /* Linux root verity (x86) */
	{"8f461b0d-14ee-4e81-9aa9-049b6fb97abd", TYPE_VERITY}, /* Linux /usr verity (x86) */
	{"5996fc05-109c-48de-808b-23fa0830b676", TYPE_SIGNATURE}, /* Linux root verity sign. (x86) */
	{"974a71c0-de41-43c3-be5d-5c5ccd1ad2c0", TYPE_SIGNATURE}, /* Linux /usr verity sign. (x86) */
	{"4f68bce3-e8cd-4db1-96e7-fbcaf984b709", TYPE_ROOT}, /* Linux root (x86-64) */
	{"8484680c-9521-48c6-9c11-b0720656f69e", TYPE_USR}, /* Linux /usr (x86-64) */
	{"2c7357ed-ebd2-46d9-aec1-23d437ec2bf5", TYPE_VERITY}, /* Linux root verity (x86-64) */
	{"77ff5f63-e7b6-4633-acf4-1565b864c0e6", TYPE_VERITY}, /* Linux /usr verity (x86-64) */
	{"41092b05-9fc8-4523-994f-2def0408b176", TYPE_SIGNATURE}, /* Linux root verity sign. (x86-64) */
	{"e7bb33fb-06cf-4e81-8273-e543b413e2e2", TYPE_SIGNATURE}, /* Linux /usr verity sign. (x86-64) */
	{"69dad710-2ce4-4e3c-b16c-21a1d49abed3", TYPE_ROOT}, /* Linux root (ARM) */
	{"7d0359a3-02b3-4f0a-865c-654403e70625", TYPE_USR}, /* Linux /usr (ARM) */
	{"7386cdf2-203c-47a9-a498-f2ecce45a2d6", TYPE_VERITY}, /* Linux root verity (ARM) */
	{"c215d751-7bcd-4649-be90-6627490a4c05", TYPE_VERITY}, /* Linux /usr verity (ARM) */
	{"42b0455f-eb11-491d-98d3-56145ba9d037", TYPE_SIGNATURE}, /* Linux root verity sign. (ARM) */
	{"d7ff812f-37d1-4902-a810-d76ba57b975a", TYPE_SIGNATURE}, /* Linux /usr verity sign. (ARM) */
	{"b921b045-1df0-41c3-af44-4c6f280d3fae", TYPE_ROOT}, /* Linux root (ARM-64) */
	{"b0e01050-ee5f-4390-949a-9101b17104e9", TYPE_USR}, /* Linux /usr (ARM-64) */
	{"df3300ce-d69f-4c92-978c-9bfb0f38d820", TYPE_VERITY}, /* Linux root verity (ARM-64) */
	{"6e11a4e7-fbca-4ded-b9e9-e1a512bb664e", TYPE_VERITY}, /* Linux /usr verity (ARM-64) */
	{"6db69de6-29f4-4758-a7a5-962190f00ce3", TYPE_SIGNATURE}, /* Linux root verity sign. (ARM-64) */
	{"c23ce4ff-44bd-4b00-b2d4-b41b3419e02a", TYPE_SIGNATURE}, /* Linux /usr verity sign. (ARM-64) */
	{"60d5a7fe-8e7d-435c-b714-3dd8162144e1", TYPE_ROOT}, /* Linux root (RISC-V-32) */
	{"b933fb22-5c3f-4f91-af90-e2bb0fa50702", TYPE_USR}, /* Linux /usr (RISC-V-32) */
	{"ae0253be-1167-4007-ac68-43926c14c5de", TYPE_VERITY}, /* Linux root verity (RISC-V-32) */
	{"cb1ee4e3-8cd0-4136-a0a4-aa61a32e8730", TYPE_VERITY}, /* Linux /usr verity (RISC-V-32) */
	{"3a112a75-8729-4380-b4cf-764d79934448", TYPE_SIGNATURE}, /* Linux root verity sign. (RISC-V-32) */
	{"c3836a13-3137-45ba-b583-b16c50fe5eb4", TYPE_SIGNATURE}, /* Linux /usr verity sign. (RISC-V-32) */
	{"72ec70a6-cf74-40e6-bd49-4bda08e8f224", TYPE_ROOT}, /* Linux root (RISC-V-64) */
	{"beaec34b-8442-439b-a40b-984381ed097d", TYPE_USR}, /* Linux /usr (RISC-V-64) */
	{"b6ed5582-440b-4209-b8da-5ff7c419ea3d", TYPE_VERITY}, /* Linux root verity (RISC-V-64) */
	{"8f1056be-9b05-47c4-81d6-be53128e5b54", TYPE_VERITY}, /* Linux /usr verity (RISC-V-64) */
	{"efe0f087-ea8d-4469-821a-4c2a96a8386a", TYPE_SIGNATURE}, /* Linux root verity sign. (RISC-V-64) */
	{"d2f9000a-7a18-453f-b5cd-4d32f77a7b32", TYPE_SIGNATURE}, /* Linux /usr verity sign. (RISC-V-64) */
	{"77055800-792c-4f94-b39a-98c91b762bb6", TYPE_ROOT}, /* Linux root (LoongArch-64) */
	{"e611c702-575c-4cbe-9a46-434fa0bf7e3f", TYPE_USR}, /* Linux /usr (LoongArch-64) */
	{"f3393b22-e9af-4613-a948-9d3bfbd0c535", TYPE_VERITY}, /* Linux root verity (LoongArch-64) */
	{"f46b2c26-59ae-48f0-9106-c50ed47f673d", TYPE_VERITY}, /* Linux /usr verity (LoongArch-64) */
	{"5afb67eb-ecc8-4f85-ae8e-ac1e7c50e7d0", TYPE_SIGNATURE}, /* Linux root verity sign. (LoongArch-64) */
	{"b024f315-d330-444c-8461-44bbde524e99", TYPE_SIGNATURE}, /* Linux /usr verity sign. (LoongArch-64) */
	{"1de3f1ef-fa98-47b5-8dcd-4a860a654d78", TYPE_ROOT}, /* Linux root (PPC) */
	{"7d14fec5-cc71-415d-9d6c-06bf0b3c3eaf", TYPE_USR}, /* Linux /usr (PPC) */
	{"98cfe649-1588-46dc-b2f0-add147424925", TYPE_VERITY}, /* Linux root verity (PPC) */
	{"df765d00-270e-49e5-bc75-f47bb2118b09", TYPE_VERITY}, /* Linux /usr verity (PPC) */
	{"1b31b5aa-add9-463a-b2ed-bd467fc857e7", TYPE_SIGNATURE}, /* Linux root verity sign. (PPC) */
	{"7007891d-d371-4a80-86a4-5cb875b9302e", TYPE_SIGNATURE}, /* Linux /usr verity sign. (PPC) */
	{"912ade1d-a839-4913-8964-a10eee08fbd2", TYPE_ROOT}, /* Linux root (PPC64) */
	{"2c9739e2-f068-46b3-9fd0-01c5a9afbcca", TYPE_USR}, /* Linux /usr (PPC64) */
	{"9225a9a3-3c19-4d89-b4f6-eeff88f17631", TYPE_VERITY}, /* Linux root verity (PPC64) */
	{"bdb528a5-a259-475f-a87d-da53fa736a07", TYPE_VERITY}, /* Linux /usr verity (PPC64) */
	{"f5e2c20c-45b2-4ffa-bce9-2a60737e1aaf", TYPE_SIGNATURE}, /* Linux root verity sign. (PPC64) */
	{"0b888863-d7f8-4d9e-9766-239fce4d58af", TYPE_SIGNATURE}, /* Linux /usr verity sign. (PPC64) */
	{"c31c45e6-3f39-412e-80fb-4809c4980599", TYPE_ROOT}, /* Linux root (PPC64LE) */
	{"15bb03af-77e7-4d4a-b12b-c0d084f7491c", TYPE_USR}, /* Linux /usr (PPC64LE) */
	{"906bd944-4589-4aae-a4e4-dd983917446a", TYPE_VERITY}, /* Linux root verity (PPC64LE) */
	{"ee2b9983-21e8-4153-86d9-b6901a54d1ce", TYPE_VERITY}, /* Linux /usr verity (PPC64LE) */
	{"d4a236e7-e873-4c07-bf1d-bf6cf7f1c3c6", TYPE_SIGNATURE}, /* Linux root verity sign. (PPC64LE) */
	{"c8bfbd1e-268e-4521-8bba-bf314c399557", TYPE_SIGNATURE}, /* Linux /usr verity sign. (PPC64LE) */
	{"08a7acea-624c-4a20-91e8-6e0fa67d23f9", TYPE_ROOT}, /* Linux root (S390) */
	{"cd0f869b-d0fb-4ca0-b141-9ea87cc78d66", TYPE_USR}, /* Linux /usr (S390) */
	{"7ac63b47-b25c-463b-8df8-b4a94e6c90e1", TYPE_VERITY}, /* Linux root verity (S390) */
	{"b663c618-e7bc-4d6d-90aa-11b756bb1797", TYPE_VERITY}, /* Linux /usr verity (S390) */
	{"3482388e-4254-435a-a241-766a065f9960", TYPE_SIGNATURE}, /* Linux root verity sign. (S390) */
	{"17440e4f-a8d0-467f-a46e-3912ae6ef2c5", TYPE_SIGNATURE}, /* Linux /usr verity sign. (S390) */
	{"5eead9a9-fe09-4a1e-a1d7-520d00531306", TYPE_ROOT}, /* Linux root (S390X) */
	{"8a4f5770-50aa-4ed3-874a-99b710db6fea", TYPE_USR}, /* Linux /usr (S390X) */
	{"b325bfbe-c7be-4ab8-8357-139e652d2f6b", TYPE_VERITY}, /* Linux root verity (S390X) */
	{"31741cc4-1a2a-4111-a581-e00b447d2d06", TYPE_VERITY}, /* Linux /usr verity (S390X) */
	{"c80187a5-73a3-491a-901a-017c3fa953e9", TYPE_SIGNATURE}, /* Linux root verity sign. (S390X) */
	{"3f324816-667b-46ae-86ee-9b0c0c6c11b4", TYPE_SIGNATURE}, /* Linux /usr verity sign. (S390X) */
	{"37c58c8a-d913-4156-a25f-48b1b64e07f0", TYPE_ROOT}, /* Linux root (MIPS-32 LE) */
	{"0f4868e9-9952-4706-979f-3ed3a473e947", TYPE_USR}, /* Linux /usr (MIPS-32 LE) */
	{"d7d150d2-2a04-4a33-8f12-16651205ff7b", TYPE_VERITY}, /* Linux root verity (MIPS-32 LE) */
	{"46b98d8d-b55c-4e8f-aab3-37fca7f80752", TYPE_VERITY}, /* Linux /usr verity (MIPS-32 LE) */
	{"c919cc1f-4456-4eff-918c-f75e94525ca5", TYPE_SIGNATURE}, /* Linux root verity sign. (MIPS-32 LE) */
	{"3e23ca0b-a4bc-4b4e-8087-5ab6a26aa8a9", TYPE_SIGNATURE}, /* Linux /usr verity sign. (MIPS-32 LE) */
	{"700bda43-7a34-4507-b179-eeb93d7a7ca3", TYPE_ROOT}, /* Linux root (MIPS-64 LE) */
	{"c97c1f32-ba06-40b4-9f22-236061b08aa8", TYPE_USR}, /* Linux /usr (MIPS-64 LE) */
	{"16b417f8-3e06-4f57-8dd2-9b5232f41aa6", TYPE_VERITY}, /* Linux root verity (MIPS-64 LE) */
	{"3c3d61fe-b5f3-414d-bb71-8739a694a4ef", TYPE_VERITY}, /* Linux /usr verity (MIPS-64 LE) */
	{"904e58ef-5c65-4a31-9c57-6af5fc7c5de7", TYPE_SIGNATURE}, /* Linux root verity sign. (MIPS-64 LE) */
	{"f2c2c7ee-adcc-4351-b5c6-ee9816b66e16", TYPE_SIGNATURE}, /* Linux /usr verity sign. (MIPS-64 LE) */
	{"993d8d3d-f80e-4225-855a-9daf8ed7ea97", TYPE_ROOT}, /* Linux root (IA-64) */
	{"4301d2a6-4e3b-4b2a-bb94-9e0b2c4225ea", TYPE_USR}, /* Linux /usr (IA-64) */
	{"86ed10d5-b607-45bb-8957-d350f23d0571", TYPE_VERITY}, /* Linux root verity (IA-64) */
	{"6a491e03-3be7-4545-8e38-83320e0ea880", TYPE_VERITY}, /* Linux /usr verity (IA-64) */
	{"e98b36ee-32ba-4882-9b12-0ce14655f46a", TYPE_SIGNATURE}, /* Linux root verity sign. (IA-64) */
	{"8de58bc2-2a43-460d-b14e-a76e4a17b47f", TYPE_SIGNATURE}, /* Linux /usr verity sign. (IA-64) */
	{"6523f8ae-3eb1-4e2a-a05a-18b695ae656f", TYPE_ROOT}, /* Linux root (Alpha) */
	{"e18cf08c-33ec-4c0d-8246-c6c6fb3da024", TYPE_USR}, /* Linux /usr (Alpha) */
	{"fc56d9e9-e6e5-4c06-be32-e74407ce09a5", TYPE_VERITY}, /* Linux root verity (Alpha) */
	{"8cce0d25-c0d0-4a44-bd87-46331bf1df67", TYPE_VERITY}, /* Linux /usr verity (Alpha) */
	{"d46495b7-a053-414f-80f7-700c99921ef8", TYPE_SIGNATURE}, /* Linux root verity sign. (Alpha) */
	{"5c6e1c76-076a-457a-a0fe-f3b4cd21ce6e", TYPE_SIGNATURE}, /* Linux /usr verity sign. (Alpha) */
	{"d27f46ed-2919-4cb8-bd25-9531f3c16534", TYPE_ROOT}, /* Linux root (ARC) */
	{"7978a683-6316-4922-bbee-38bff5a2fecc", TYPE_USR}, /* Linux /usr (ARC) */
	{"24b2d975-0f97-4521-afa1-cd531e421b8d", TYPE_VERITY}, /* Linux root verity (ARC) */
	{"fca0598c-d880-4591-8c16-4eda05c7347c", TYPE_VERITY}, /* Linux /usr verity (ARC) */
	{"143a70ba-cbd3-4f06-919f-6c05683a78bc", TYPE_SIGNATURE}, /* Linux root verity sign. (ARC) */
	{"94f9a9a1-9971-427a-a400-50cb297f0f35", TYPE_SIGNATURE}, /* Linux /usr verity sign. (ARC) */
	{"c50cdd70-3862-4cc3-90e1-809a8c93ee2c", TYPE_ROOT}, /* Linux root (TILE-Gx) */
	{"55497029-c7c1-44cc-aa39-815ed1558630", TYPE_USR}, /* Linux /usr (TILE-Gx) */
	{"966061ec-28e4-4b2e-b4a5-1f0a825a1d84", TYPE_VERITY}, /* Linux root verity (TILE-Gx) */
	{"2fb4bf56-07fa-42da-8132-6b139f2026ae", TYPE_VERITY}, /* Linux /usr verity (TILE-Gx) */
	{"b3671439-97b0-4a53-90f7-2d5a8f3ad47b", TYPE_SIGNATURE}, /* Linux root verity sign. (TILE-Gx) */
	{"4ede75e2-6ccc-4cc8-b9c7-70334b087510", TYPE_SIGNATURE}, /* Linux /usr verity sign. (TILE-Gx) */
};
/* clang-format on */

static int find_type(const char *guid)
{
	for (int i = 0; i < (int)(sizeof(types) / sizeof(types[0])); i++)
		if (strcasecmp(types[i].guid, guid) == 0)
			return i;
	return -1;
}

const char *gpt_type_name(const char *guid)
{
	int i = find_type(guid);

	return i < 0 ? NULL : names[types[i].type];
}

bool gpt_is_system(const char *guid)
{
	int i = find_type(guid);

	return i >= 0 && (types[i].type == TYPE_ROOT || types[i].type == TYPE_USR);
}
