// SPDX-License-Identifier: LGPL-2.1-or-later
#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "dir.h"
#include "kexec.h"
#include "unpack.h"

#define IN_SIZE	 (64u << 10)
#define OUT_SIZE (256u << 10)

/* zlib.h: 15 is the largest window, 16 more let it expect a gzip header. */
#define GZIP_WINDOW (15 + 16)

/* One unpacking: a window of the packed file, a window of what comes out, and the libraries'
 * functions, with the types of their headers. */
struct unpack {
	int from_fd, memfd;
	uint64_t offset, left; /* of the packed file, not yet read */
	uint64_t written, max;
	size_t in_at, in_len, out_len;
	uint8_t in[IN_SIZE], out[OUT_SIZE];
	union {
		struct {
			__typeof__(inflateInit2_) *init;
			__typeof__(inflate) *inflate;
			__typeof__(inflateEnd) *end;
		} gzip;
		struct {
			__typeof__(ZSTD_createDCtx) *create;
			__typeof__(ZSTD_decompressStream) *decompress;
			__typeof__(ZSTD_isError) *is_error;
			__typeof__(ZSTD_freeDCtx) *free;
		} zstd;
	};
};

/* Takes input, sets out_len. 1 = the stream has ended, 0 = go on, negative errno. */
typedef int (*step_fn)(struct unpack *u, void *state);

static int refill(struct unpack *u)
{
	size_t len = u->left < IN_SIZE ? (size_t)u->left : IN_SIZE;
	ssize_t n = dir_read_at(u->from_fd, u->offset, u->in, len);

	if (n < 0)
		return (int)n;
	if (n == 0) /* the file ends before the stream */
		return -EBADMSG;
	u->offset += (uint64_t)n;
	u->left -= (uint64_t)n;
	u->in_at = 0;
	u->in_len = (size_t)n;
	return 0;
}

static int run(struct unpack *u, step_fn step, void *state)
{
	int is_done = 0, r = 0;

	while (is_done == 0 && r == 0) {
		/* A full window of output may have left something behind in the library. */
		if (u->in_at == u->in_len && u->out_len < OUT_SIZE)
			r = refill(u);
		if (r < 0)
			break;
		is_done = step(u, state);
		u->written += u->out_len;
		r = u->written > u->max ? -EFBIG : kexec_append(u->memfd, u->out, u->out_len);
	}
	return r < 0 ? r : is_done < 0 ? is_done : 0;
}

static int step_gzip(struct unpack *u, void *state)
{
	z_stream *z = state;
	int r;

	z->next_in = u->in + u->in_at;
	z->avail_in = (unsigned int)(u->in_len - u->in_at);
	z->next_out = u->out;
	z->avail_out = OUT_SIZE;
	r = u->gzip.inflate(z, Z_NO_FLUSH);
	u->in_at = u->in_len - z->avail_in;
	u->out_len = OUT_SIZE - z->avail_out;
	if (r == Z_STREAM_END)
		return 1;
	if (r == Z_OK || (r == Z_BUF_ERROR && z->avail_in == 0))
		return 0;
	return r == Z_MEM_ERROR ? -ENOMEM : -EBADMSG;
}

static int unpack_gzip(struct unpack *u)
{
	z_stream z = {0};
	int r;

	if (u->gzip.init(&z, GZIP_WINDOW, ZLIB_VERSION, (int)sizeof(z)) != Z_OK)
		return -ENOMEM;
	r = run(u, step_gzip, &z);
	(void)u->gzip.end(&z);
	return r;
}

static int step_zstd(struct unpack *u, void *state)
{
	ZSTD_inBuffer in = {.src = u->in, .size = u->in_len, .pos = u->in_at};
	ZSTD_outBuffer out = {.dst = u->out, .size = OUT_SIZE};
	size_t r = u->zstd.decompress(state, &out, &in);

	u->in_at = in.pos;
	u->out_len = out.pos;
	if (u->zstd.is_error(r))
		return -EBADMSG;
	return r == 0;
}

static int unpack_zstd(struct unpack *u)
{
	ZSTD_DCtx *state = u->zstd.create();
	int r;

	if (!state)
		return -ENOMEM;
	r = run(u, step_zstd, state);
	(void)u->zstd.free(state);
	return r;
}

struct format {
	const char *library;
	int (*unpack)(struct unpack *u);
	struct {
		const char *name;
		size_t offset;
	} symbol[4];
};

static const struct format gzip = {
	"libz.so.1",
	unpack_gzip,
	{{"inflateInit2_", offsetof(struct unpack, gzip.init)},
	 {"inflate", offsetof(struct unpack, gzip.inflate)},
	 {"inflateEnd", offsetof(struct unpack, gzip.end)}},
};

static const struct format zstd = {
	"libzstd.so.1",
	unpack_zstd,
	{{"ZSTD_createDCtx", offsetof(struct unpack, zstd.create)},
	 {"ZSTD_decompressStream", offsetof(struct unpack, zstd.decompress)},
	 {"ZSTD_isError", offsetof(struct unpack, zstd.is_error)},
	 {"ZSTD_freeDCtx", offsetof(struct unpack, zstd.free)}},
};

static const struct format *find_format(const char *compression)
{
	if (strcmp(compression, "gzip") == 0)
		return &gzip;
	/* zstd22: the same with the highest level, as the kernel's Makefiles call it. */
	if (strcmp(compression, "zstd") == 0 || strcmp(compression, "zstd22") == 0)
		return &zstd;
	return NULL;
}

static int load_symbols(struct unpack *u, void *library, const struct format *f)
{
	for (size_t i = 0; i < 4 && f->symbol[i].name; i++) {
		void *function = dlsym(library, f->symbol[i].name);

		if (!function)
			return -ELIBACC;
		memcpy((char *)u + f->symbol[i].offset, &function, sizeof(function));
	}
	return 0;
}

static int unpack_by(struct unpack *u, const struct format *f)
{
	void *library = dlopen(f->library, RTLD_NOW | RTLD_LOCAL);
	int r;

	if (!library)
		return -ELIBACC;
	r = load_symbols(u, library, f);
	if (r == 0)
		r = f->unpack(u);
	(void)dlclose(library);
	return r;
}

int unpack_file(const char *compression, int from_fd, uint64_t offset, uint64_t size, uint64_t max,
		int memfd, uint64_t *ret_at)
{
	const struct format *f = find_format(compression);
	struct unpack *u;
	int r;

	*ret_at = offset;
	if (!f)
		return -EOPNOTSUPP;
	u = calloc(1, sizeof(*u));
	if (!u)
		return -ENOMEM;
	u->from_fd = from_fd;
	u->offset = offset;
	u->left = size;
	u->max = max;
	u->memfd = memfd;
	r = unpack_by(u, f);
	*ret_at = u->offset;
	free(u);
	return r;
}
