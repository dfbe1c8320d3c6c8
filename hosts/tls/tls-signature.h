// SPDX-License-Identifier: Apache-2.0

#ifndef __TLS_SIGNATURE_H__
#define __TLS_SIGNATURE_H__

#include "tls.h"

/* What came of a check. The same in signature.ts. */
enum {
	kSignatureGood = 0,
	kSignatureWrong = 1,
	kSignatureBadKey = 2,
	kSignatureNoMemory = 3
};

/* Whether an ECDSA signature in DER is one of a digest by SHA-256, by the holder of a key on P-256 whose public part is in `pem`. */
int tlsCheckSignature(const char *pem, const uint8_t *digest, size_t digestSize, const uint8_t *signature, size_t signatureSize);

#endif
