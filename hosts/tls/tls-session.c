// SPDX-License-Identifier: Apache-2.0

#include <stdlib.h>
#include <string.h>

#include "tls.h"
#include "tls-verify.h"

/* The output grows by this much at least. */
#define kOutputStep 512

/* A handshake or the records of one write are shorter; what is longer has gone wrong. */
#define kOutputLimit 65536

/* Four numbers below 256 with dots between them and nothing else. */
static int readAddress(const char *name, uint8_t *address)
{
	int part, digits, value;

	for (part = 0; part < 4; part++) {
		for (digits = 0, value = 0; (*name >= '0') && (*name <= '9') && (digits < 3); digits++)
			value = value * 10 + (*name++ - '0');
		if ((0 == digits) || (value > 255))
			return 0;
		address[part] = value;
		if (*name++ != (part < 3 ? '.' : 0))
			return 0;
	}
	return 1;
}

/* Less than the head of a record is never all that is waited for. */
static int hasInput(const TlsSession *session)
{
	return session->inputEnd - session->inputStart >= kTlsRecordHead;
}

static int receiveBytes(void *it, unsigned char *bytes, size_t count)
{
	TlsSession *session = it;
	size_t waiting = session->inputEnd - session->inputStart;

	// The dynamic buffers of ESP-IDF forget the half of a head.
	if ((0 == waiting) || ((count <= kTlsRecordHead) && (count > waiting)))
		return MBEDTLS_ERR_SSL_WANT_READ;
	if (count > waiting)
		count = waiting;
	memcpy(bytes, session->input + session->inputStart, count);
	session->inputStart += count;
	return (int)count;
}

static int sendBytes(void *it, const unsigned char *bytes, size_t count)
{
	TlsSession *session = it;
	size_t needed = session->outputEnd + count;

	if (needed > session->outputSize) {
		size_t size = needed + kOutputStep;
		uint8_t *output = size > kOutputLimit ? NULL : realloc(session->output, size);
		if (NULL == output)
			return MBEDTLS_ERR_SSL_ALLOC_FAILED;
		session->output = output;
		session->outputSize = size;
	}
	memcpy(session->output + session->outputEnd, bytes, count);
	session->outputEnd = needed;
	return (int)count;
}

/* Some of these are the same number in some versions. */
static int isMemory(int error)
{
#if kTlsHasPsa
	if (PSA_ERROR_INSUFFICIENT_MEMORY == error)
		return 1;
#endif
	return (MBEDTLS_ERR_SSL_ALLOC_FAILED == error) || (MBEDTLS_ERR_X509_ALLOC_FAILED == error);
}

/* What an error of Mbed TLS means, 0 for one that passes when more comes in. */
static int outcome(TlsSession *session, int error, int isHandshake)
{
	if ((MBEDTLS_ERR_SSL_WANT_READ == error) || (MBEDTLS_ERR_SSL_WANT_WRITE == error))
		return 0;
	session->error = error;
	if (isHandshake && ((MBEDTLS_ERR_X509_CERT_VERIFY_FAILED == error) || session->flags))
		return tlsVerdict(session);
	if ((MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY == error) || (MBEDTLS_ERR_SSL_CONN_EOF == error))
		return kTlsClosed;
	if (isMemory(error))
		return kTlsNoRoom;
	if (session->hasReceived)
		return kTlsBroken;
	if (MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE == error)
		return kTlsRefused;
	return isHandshake ? kTlsFailed : kTlsBroken;
}

int tlsSessionOpen(TlsSession *session, TlsCredentials *credentials, const char *name, int64_t now)
{
	mbedtls_ssl_init(&session->ssl);
	session->credentials = credentials;
	credentials->owners += 1;
	session->now = now;
	session->hasAddress = readAddress(name, session->address);
	if (0 != mbedtls_ssl_setup(&session->ssl, &credentials->config))
		return 0;
	// An address is not told to the server (RFC 6066, 3), and verify.c compares it.
	if (0 != mbedtls_ssl_set_hostname(&session->ssl, session->hasAddress ? NULL : name))
		return 0;
	mbedtls_ssl_set_bio(&session->ssl, session, sendBytes, receiveBytes, NULL);
	mbedtls_ssl_set_verify(&session->ssl, tlsVerify, session);
	return 1;
}

void tlsSessionClose(TlsSession *session)
{
	mbedtls_ssl_free(&session->ssl);
	free(session->output);
	tlsCredentialsRelease(session->credentials);
}

size_t tlsSessionFeed(TlsSession *session, const uint8_t *bytes, size_t count)
{
	size_t rest = session->inputEnd - session->inputStart;

	if (hasInput(session))
		return 0;
	if (count > kTlsInputSize)
		count = kTlsInputSize;
	memmove(session->input, session->input + session->inputStart, rest);
	memcpy(session->input + rest, bytes, count);
	session->inputStart = 0;
	session->inputEnd = rest + count;
	return count;
}

size_t tlsSessionTake(TlsSession *session, uint8_t *bytes, size_t count)
{
	size_t waiting = session->outputEnd - session->outputStart;

	if (count > waiting)
		count = waiting;
	if (0 == count)
		return 0;
	memcpy(bytes, session->output + session->outputStart, count);
	session->outputStart += count;
	if (session->outputStart == session->outputEnd)
		session->outputStart = session->outputEnd = 0;
	return count;
}

int tlsSessionHandshake(TlsSession *session)
{
	int error;

	do
		error = mbedtls_ssl_handshake(&session->ssl);
	while ((MBEDTLS_ERR_SSL_WANT_READ == error) && hasInput(session));
	return 0 == error ? 1 : outcome(session, error, 1);
}

/* A ticket for a later session, which is not used: Mbed TLS tells by whichever function is called next. */
static int isTicket(int error)
{
#ifdef MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET
	return MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET == error;
#else
	(void)error;
	return 0;
#endif
}

int tlsSessionReceive(TlsSession *session)
{
	for (;;) {
		int waiting = (int)mbedtls_ssl_get_bytes_avail(&session->ssl);
		int error;

		if (waiting > 0) {
			session->hasReceived = 1;
			return waiting;
		}
		// Reads nothing, but opens the next record. Version 4 wants to read in the middle of a ticket that it has.
		error = mbedtls_ssl_read(&session->ssl, NULL, 0);
		if (isTicket(error) || ((MBEDTLS_ERR_SSL_WANT_READ == error) && hasInput(session)))
			continue;
		if (error < 0)
			return outcome(session, error, 0);
		if ((0 == mbedtls_ssl_get_bytes_avail(&session->ssl)) && !hasInput(session))
			return 0;
	}
}

int tlsSessionRead(TlsSession *session, uint8_t *bytes, size_t count)
{
	int result = mbedtls_ssl_read(&session->ssl, bytes, count);

	return result < 0 ? outcome(session, result, 0) : result;
}

int tlsSessionWrite(TlsSession *session, const uint8_t *bytes, size_t count)
{
	while (count > 0) {
		int result = mbedtls_ssl_write(&session->ssl, bytes, count);
		if (isTicket(result))
			continue;
		if (result <= 0) {
			session->error = result;
			return kTlsBroken;
		}
		bytes += result;
		count -= result;
	}
	return 1;
}

int tlsSessionExpansion(TlsSession *session)
{
	return mbedtls_ssl_get_record_expansion(&session->ssl);
}

int tlsSessionPayload(TlsSession *session)
{
	return mbedtls_ssl_get_max_out_record_payload(&session->ssl);
}

void tlsSessionFarewell(TlsSession *session)
{
	(void)mbedtls_ssl_close_notify(&session->ssl);
}
