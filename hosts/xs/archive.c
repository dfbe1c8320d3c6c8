// SPDX-License-Identifier: Apache-2.0
// The functions of archive.ts: an archive of modules by the engine's own means.

#include "archive.h"
#include "xs.h"

#define kBlockSize 4096

/* What xs_archive_examine returns; in archive.ts as well. */
enum {
	kRefused = 0,
	kMapped = 1,
	kUnmapped = 2
};

/* What the engine hands to its callbacks. */
typedef struct {
	const Archive *archive;
	int wantsWriting;
} Mapping;

void xs_archive_destructor(void *data)
{
	if (data)
		c_free(data);
}

void xs_archive(xsMachine *the)
{
	Archive *archive = c_calloc(1, sizeof(Archive));
	char *name = xsToString(xsArg(0));

	if (NULL == archive)
		xsUnknownError("no memory");
	xsSetHostData(xsThis, archive);
	if (!archiveOpen(archive, name))
		xsUnknownError("no partition");
}

static txBoolean readArchive(void *source, size_t offset, void *buffer, size_t size)
{
	const Archive *archive = ((Mapping *)source)->archive;

	if ((offset > archive->size) || (size > archive->size - offset))
		return 0;
	c_memcpy(buffer, archive->bytes + offset, size);
	return 1;
}

/* What the engine writes in the place of an archive that it refuses. */
static int isRefusal(const uint8_t *bytes, size_t offset, size_t size)
{
	return (0 == offset) && (9 == size) && (0 == c_memcmp(bytes + 4, "XS_E", 4));
}

static txBoolean onlyNoteWrite(void *target, size_t offset, void *buffer, size_t size)
{
	Mapping *mapping = target;

	if (!isRefusal(buffer, offset, size))
		mapping->wantsWriting = 1;
	return 0;
}

static txBoolean writeArchive(void *target, size_t offset, void *buffer, size_t size)
{
	return (txBoolean)archiveWrite(((Mapping *)target)->archive, offset, buffer, size);
}

static int mapArchive(xsMachine *the, Mapping *mapping, txArchiveWrite write)
{
	return NULL != fxMapArchive(the, the->preparation, mapping, kBlockSize, readArchive, write);
}

static Archive *archiveOfThis(xsMachine *the)
{
	return xsGetHostDataValidate(xsThis, xs_archive_destructor);
}

void xs_archive_examine(xsMachine *the)
{
	Mapping mapping = { archiveOfThis(the), 0 };
	int isMapped = mapArchive(the, &mapping, onlyNoteWrite);

	xsResult = xsInteger(mapping.wantsWriting ? kUnmapped : isMapped ? kMapped : kRefused);
}

void xs_archive_map(xsMachine *the)
{
	Mapping mapping = { archiveOfThis(the), 0 };
	int isMapped = mapArchive(the, &mapping, writeArchive);

	xsResult = xsBoolean(isMapped);
}

void xs_archive_has(xsMachine *the)
{
	const Archive *archive = archiveOfThis(the);
	char *module = xsToString(xsArg(0));
	size_t size;
	void *code = fxGetArchiveCode(the, (void *)archive->bytes, module, &size);

	xsResult = xsBoolean(NULL != code);
}

/* What the engine takes for an archive in the descriptor of a module. */
void xs_archive_modules(xsMachine *the)
{
	const Archive *archive = archiveOfThis(the);

	xsResult = xsNewHostObject(NULL);
	xsSetHostData(xsResult, (void *)archive->bytes);
}
