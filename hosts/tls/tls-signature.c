// SPDX-License-Identifier: Apache-2.0

#include <string.h>

#include "tls-signature.h"

#include "mbedtls/md.h"
#include "mbedtls/pem.h"

#define kDigestSize 32
#define kCoordinatesSize 64

/* A SubjectPublicKeyInfo of a key on P-256, up to the coordinates: RFC 5480, 2. */
static const uint8_t keyHead[] = {
	0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01,
	0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04
};

/* By how it is written, for the functions that name a curve are others in each version of Mbed TLS. */
static int isOnP256(mbedtls_pk_context *key)
{
	uint8_t der[sizeof(keyHead) + kCoordinatesSize];

	return ((int)sizeof(der) == mbedtls_pk_write_pubkey_der(key, der, sizeof(der))) && (0 == memcmp(der, keyHead, sizeof(keyHead)));
}

/* Up to version 3 the lower 7 bits are what a lower layer said, added to what the upper one says. */
static int isShortage(int error)
{
#if kTlsHasOwnRandom
	int lower = -(-error & 0x7F);

	return (MBEDTLS_ERR_MPI_ALLOC_FAILED == lower) || (MBEDTLS_ERR_ASN1_ALLOC_FAILED == lower) || (MBEDTLS_ERR_ECP_ALLOC_FAILED == error)
		|| (MBEDTLS_ERR_MD_ALLOC_FAILED == error) || (MBEDTLS_ERR_PK_ALLOC_FAILED == error) || (MBEDTLS_ERR_PEM_ALLOC_FAILED == error);
#else
	return PSA_ERROR_INSUFFICIENT_MEMORY == error;
#endif
}

static int check(mbedtls_pk_context *key, const char *pem, const uint8_t *digest, size_t digestSize, const uint8_t *signature, size_t signatureSize)
{
	int error = mbedtls_pk_parse_public_key(key, (const unsigned char *)pem, strlen(pem) + 1);

	if (0 != error)
		return isShortage(error) ? kSignatureNoMemory : kSignatureBadKey;
	if (!isOnP256(key))
		return kSignatureBadKey;
	if (kDigestSize != digestSize)
		return kSignatureWrong;
	error = mbedtls_pk_verify(key, MBEDTLS_MD_SHA256, digest, digestSize, signature, signatureSize);
	if (0 == error)
		return kSignatureGood;
	return isShortage(error) ? kSignatureNoMemory : kSignatureWrong;
}

int tlsCheckSignature(const char *pem, const uint8_t *digest, size_t digestSize, const uint8_t *signature, size_t signatureSize)
{
	mbedtls_pk_context key;
	int result;

#if kTlsHasPsa
	if (PSA_SUCCESS != psa_crypto_init())
		return kSignatureNoMemory;
#endif
	mbedtls_pk_init(&key);
	result = check(&key, pem, digest, digestSize, signature, signatureSize);
	mbedtls_pk_free(&key);
	return result;
}
