// SPDX-License-Identifier: Apache-2.0
// The functions of credentials.ts, session.ts and signature.ts.

#include <stdlib.h>

#include "tls-signature.h"
#include "tls.h"
#include "xsmc.h"
#include "xsHost.h"
#include "mc.xs.h"

void xs_tls_credentials_destructor(void *data)
{
	TlsCredentials *credentials = data;

	if (NULL == credentials)
		return;
	tlsCredentialsRelease(credentials);
	if (0 == credentials->owners)
		free(credentials);
}

static const char *optionalText(xsMachine *the, xsSlot *slot)
{
	return xsUndefinedType == xsmcTypeOf(*slot) ? NULL : xsmcToString(*slot);
}

void xs_tls_credentials(xsMachine *the)
{
	const char *authorities = xsmcToString(xsArg(0));
	const char *certificate = optionalText(the, &xsArg(1));
	const char *key = optionalText(the, &xsArg(2));
	TlsCredentials *credentials = calloc(1, sizeof(TlsCredentials));

	xsmcSetInteger(xsResult, kTlsNoMemory);
	if (NULL == credentials)
		return;
	xsmcSetHostData(xsThis, credentials);
	xsmcSetInteger(xsResult, tlsCredentialsOpen(credentials, authorities, certificate, key));
}

void xs_tls_session_destructor(void *data)
{
	TlsSession *session = data;
	TlsCredentials *credentials;

	if (NULL == session)
		return;
	credentials = session->credentials;
	tlsSessionClose(session);
	if (0 == credentials->owners)
		free(credentials);
	free(session);
}

void xs_tls_session(xsMachine *the)
{
	TlsCredentials *credentials = xsmcGetHostDataValidate(xsArg(0), xs_tls_credentials_destructor);
	const char *name = xsmcToString(xsArg(1));
	int64_t now = (int64_t)xsmcToNumber(xsArg(2));
	TlsSession *session = calloc(1, sizeof(TlsSession));
	int isOpen;

	if (NULL == session)
		xsUnknownError("no memory");
	isOpen = tlsSessionOpen(session, credentials, name, now);
	xsmcSetHostData(xsThis, session);
	if (!isOpen)
		xsUnknownError("no memory");
}

static TlsSession *sessionOf(xsMachine *the)
{
	TlsSession *session = xsmcGetHostDataValidate(xsThis, xs_tls_session_destructor);

	if (NULL == session)
		xsUnknownError("closed");
	return session;
}

/* Frees what is large without waiting for the garbage collector. */
void xs_tls_session_close(xsMachine *the)
{
	TlsSession *session = sessionOf(the);

	xsmcSetHostData(xsThis, NULL);
	xs_tls_session_destructor(session);
}

void xs_tls_session_feed(xsMachine *the)
{
	TlsSession *session = sessionOf(the);
	uint8_t *bytes;
	xsUnsignedValue count;

	xsmcGetBufferReadable(xsArg(0), (void **)&bytes, &count);
	if (tlsSessionFeed(session, bytes, count) < count)
		xsRangeError("more than it takes");
}

void xs_tls_session_take(xsMachine *the)
{
	TlsSession *session = sessionOf(the);
	uint8_t *bytes;
	xsUnsignedValue count;

	xsmcGetBufferWritable(xsArg(0), (void **)&bytes, &count);
	xsmcSetInteger(xsResult, (int)tlsSessionTake(session, bytes, count));
}

void xs_tls_session_handshake(xsMachine *the)
{
	xsmcSetInteger(xsResult, tlsSessionHandshake(sessionOf(the)));
}

void xs_tls_session_receive(xsMachine *the)
{
	xsmcSetInteger(xsResult, tlsSessionReceive(sessionOf(the)));
}

void xs_tls_session_read(xsMachine *the)
{
	TlsSession *session = sessionOf(the);
	uint8_t *bytes;
	xsUnsignedValue count;

	xsmcGetBufferWritable(xsArg(0), (void **)&bytes, &count);
	xsmcSetInteger(xsResult, tlsSessionRead(session, bytes, count));
}

void xs_tls_session_write(xsMachine *the)
{
	TlsSession *session = sessionOf(the);
	uint8_t *bytes;
	xsUnsignedValue count;

	xsmcGetBufferReadable(xsArg(0), (void **)&bytes, &count);
	xsmcSetInteger(xsResult, tlsSessionWrite(session, bytes, count));
}

void xs_tls_session_expansion(xsMachine *the)
{
	xsmcSetInteger(xsResult, tlsSessionExpansion(sessionOf(the)));
}

void xs_tls_session_payload(xsMachine *the)
{
	xsmcSetInteger(xsResult, tlsSessionPayload(sessionOf(the)));
}

void xs_tls_session_farewell(xsMachine *the)
{
	tlsSessionFarewell(sessionOf(the));
}

void xs_tls_session_error(xsMachine *the)
{
	xsmcSetInteger(xsResult, sessionOf(the)->error);
}

void xs_tls_signature(xsMachine *the)
{
	const char *publicKey = xsmcToString(xsArg(0));
	uint8_t *digest, *signature;
	xsUnsignedValue digestSize, signatureSize;

	xsmcGetBufferReadable(xsArg(1), (void **)&digest, &digestSize);
	xsmcGetBufferReadable(xsArg(2), (void **)&signature, &signatureSize);
	xsmcSetInteger(xsResult, tlsCheckSignature(publicKey, digest, digestSize, signature, signatureSize));
}
