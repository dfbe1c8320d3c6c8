// SPDX-License-Identifier: Apache-2.0
// One TLS connection of a client over Mbed TLS, without a network: bytes go in and come out by hand.

#ifndef __TLS_H__
#define __TLS_H__

#ifdef ESP_PLATFORM
	// What ESP-IDF's own build gives to every user of its Mbed TLS; without it structures would differ.
	#define MBEDTLS_MAJOR_VERSION 4
	#define MBEDTLS_CONFIG_FILE "mbedtls/esp_config.h"
	#define TF_PSA_CRYPTO_USER_CONFIG_FILE "mbedtls/esp_config.h"
#endif

#include <stdint.h>
#include <stddef.h>

#include "mbedtls/asn1.h"
#include "mbedtls/pk.h"
#include "mbedtls/ssl.h"
#include "mbedtls/version.h"
#include "mbedtls/x509_crt.h"

/* ESP-IDF 6 has version 4; 2.28 and 3 are what computers come with. */
#define kTlsHasOwnRandom (MBEDTLS_VERSION_NUMBER < 0x04000000)
#define kTlsHasPsa (MBEDTLS_VERSION_NUMBER >= 0x03000000)

#if kTlsHasOwnRandom
	#include "mbedtls/ctr_drbg.h"
	#include "mbedtls/entropy.h"
#endif
#if kTlsHasPsa
	#include "psa/crypto.h"
#endif

/* Received bytes that are handed over at once, about one TCP segment. The same in tls-tcp.ts. */
#define kTlsInputSize 1536

/* Type, version and length of a record. */
#define kTlsRecordHead 5

/* What ended a connection, or keeps it from beginning. The same in session.ts. */
enum {
	kTlsUntrusted = -1,
	kTlsExpired = -2,
	kTlsNotYetValid = -3,
	kTlsWrongHost = -4,
	kTlsRefused = -5,
	kTlsFailed = -6,
	kTlsClosed = -7,
	kTlsBroken = -8,
	kTlsNoRoom = -9
};

/* What of the options is not what it should be. The same in credentials.ts. */
enum {
	kTlsGood = 0,
	kTlsBadAuthority = 1,
	kTlsBadCertificate = 2,
	kTlsBadKey = 3,
	kTlsForeignKey = 4,
	kTlsNoMemory = 5
};

/* Who is trusted and who the device is. Lives as long as the last of its owners. */
typedef struct {
	int owners;
	mbedtls_x509_crt authorities;
	mbedtls_x509_crt certificate;
	mbedtls_pk_context key;
	mbedtls_ssl_config config;
#if kTlsHasOwnRandom
	mbedtls_entropy_context entropy;
	mbedtls_ctr_drbg_context random;
#endif
} TlsCredentials;

typedef struct {
	TlsCredentials *credentials;
	mbedtls_ssl_context ssl;
	/* Of the server's certificates so far. */
	uint32_t flags;
	/* Seconds since 1970, 0 where they are not known. */
	int64_t now;
	/* The server has to have a certificate for this address. */
	uint8_t address[4];
	uint8_t hasAddress;
	/* Bytes came in after the handshake. */
	uint8_t hasReceived;
	/* What the last function of Mbed TLS said, for people. */
	int error;
	size_t inputStart, inputEnd;
	/* What is left of the bytes before may be less than the head of a record. */
	uint8_t input[kTlsInputSize + kTlsRecordHead];
	/* Encrypted bytes on their way out. */
	size_t outputStart, outputEnd, outputSize;
	uint8_t *output;
} TlsSession;

/* Of PEM, `certificate` and `key` may be NULL. Returns kTlsGood or what is bad. */
int tlsCredentialsOpen(TlsCredentials *credentials, const char *authorities, const char *certificate, const char *key);
void tlsCredentialsRelease(TlsCredentials *credentials);

/* `name` is a host name or an address in digits. Returns 0 where there is no memory, and may be closed even then. */
int tlsSessionOpen(TlsSession *session, TlsCredentials *credentials, const char *name, int64_t now);
void tlsSessionClose(TlsSession *session);
/* Only where less than the head of a record waits from the last time. Returns the bytes it took. */
size_t tlsSessionFeed(TlsSession *session, const uint8_t *bytes, size_t count);
/* Returns the bytes it gave. */
size_t tlsSessionTake(TlsSession *session, uint8_t *bytes, size_t count);
/* 1: done, 0: more has to come in, below 0: why it ended. */
int tlsSessionHandshake(TlsSession *session);
/* Above 0: bytes that can be read, 0: more has to come in, below 0: why it ended. */
int tlsSessionReceive(TlsSession *session);
/* At most as many as tlsSessionReceive said. Below 0: why it ended. */
int tlsSessionRead(TlsSession *session, uint8_t *bytes, size_t count);
/* All of them. 1, or below 0: why it ended. */
int tlsSessionWrite(TlsSession *session, const uint8_t *bytes, size_t count);
/* Bytes of which each record is longer than what is in it. */
int tlsSessionExpansion(TlsSession *session);
/* Bytes that fit into a record. */
int tlsSessionPayload(TlsSession *session);
/* Says goodbye. */
void tlsSessionFarewell(TlsSession *session);

#endif
