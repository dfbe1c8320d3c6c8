// SPDX-License-Identifier: Apache-2.0
// Made by openssl: `openssl ecparam -name prime256v1 -genkey`, `openssl pkey -pubout`, `openssl dgst -sha256 -sign`. The integers that no
// signature of its has were put in by hand.

/** SHA-256 of what is signed, "an image" in ASCII. */
export const digestHex = "a5df3fde7b200c3fa2791144c7e05c5c2bced4c6ad863d3a4cf76c972c1712f9";

/** Whose signatures these are. */
export const publicKeyP256 = publicKey(
  "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEkAO8fm/LQ7HNUZL+kTPWLaqkgqwN",
  "wVQOYPzM+2MH8BQFCJOhiQA8unDxgfHxzjtI/WlaZn4Tlgv3TFm6Q7SvKA==",
);

/** Somebody else's. */
export const otherPublicKeyP256 = publicKey(
  "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEG8gR240RDVIJLZIoWJj3P8xRk+jC",
  "oiwAHnplxysqzFNNq8v+j/xkmhK+MGmG8tJUBbT3RyViimzeTAPl+DCPzQ==",
);

/** Of `publicKeyP256`. The integers of a signature have 31 to 33 bytes mostly. */
export const goodSignatures: readonly string[] = [
  "MEQCIBA/knLTYn36pEe5ap7gPle48mdL52ljNK4Dm9WnlMaKAiAS23XQjhd60MMljAU6ws3Im0awk89hK1AkHOwiO+lHhw==",
  "MEUCIHWbKaIlfZI7gpgfQ21NUe+FVeKy/jBWkCRAdaTAzIPzAiEA8mGnZzK3aKwHybEsRFm0FVWw0KWuuCQLs1kSVC8UJvw=",
  "MEYCIQCtl5j95i9VmYd0hSLPeEf9PIyDn8/3lKC22BoHYUlGmwIhAKo9p+DEx5/VqPEF2eOU477urZNqZc+SSe/Pd6knaebV",
];

/** Those of nobody, with what is wrong with each. */
export const wrongSignatures: readonly (readonly [string, string])[] = [
  ["another key's", "MEYCIQDey9v+BHWfickQ2Jj8Zay1j31Q8vnlJFA+R3Eh43swIgIhAINTcpCAFJPHeFVjQKoq7h6hqHhQYUouZJdPsHk5bQL2"],
  ["nothing", ""],
  ["one byte", "MA=="],
  ["cut in the second integer", "MEUCIHWbKaIlfZI7gpgfQ21NUe+FVeKy/jBWkCRAdaTAzIPzAiEA8mGnZzK3aKwHybEsRFm0FVWw0KWu"],
  ["cut in the first integer", "MEUCIHWbKaIlfZI7gpgfQ21NUe8="],
  [
    "without its last byte",
    "MEUCIHWbKaIlfZI7gpgfQ21NUe+FVeKy/jBWkCRAdaTAzIPzAiEA8mGnZzK3aKwHybEsRFm0FVWw0KWuuCQLs1kSVC8UJg==",
  ],
  [
    "with a byte behind it",
    "MEUCIHWbKaIlfZI7gpgfQ21NUe+FVeKy/jBWkCRAdaTAzIPzAiEA8mGnZzK3aKwHybEsRFm0FVWw0KWuuCQLs1kSVC8UJvwA",
  ],
  ["zeros", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="],
  ["text", "Z2FyYmFnZQ=="],
  [
    "not DER, the integers only",
    "ED+SctNiffqkR7lqnuA+V7jyZ0vnaWM0rgOb1aeUxooS23XQjhd60MMljAU6ws3Im0awk89hK1AkHOwiO+lHhw==",
  ],
  ["r and s are 0", "MAYCAQACAQA="],
  ["s is 0", "MAYCAQECAQA="],
  ["r is 0", "MAYCAQACAQE="],
  ["r and s are 1", "MAYCAQECAQE="],
  [
    "r is the order of the curve",
    "MEUCIQD/////AAAAAP//////////vOb6racXnoTzucrC/GMlUQIgEtt10I4XetDDJYwFOsLNyJtGsJPPYStQJBzsIjvpR4c=",
  ],
  [
    "s is the order of the curve",
    "MEUCIBA/knLTYn36pEe5ap7gPle48mdL52ljNK4Dm9WnlMaKAiEA/////wAAAAD//////////7zm+q2nF56E87nKwvxjJVE=",
  ],
  [
    "the order of the curve is added to r",
    "MEUCIQEQP5Jx02J9+6RHuWqe4D5Xddlh+Y6BAbmhvWaYo/fr2wIgEtt10I4XetDDJYwFOsLNyJtGsJPPYStQJBzsIjvpR4c=",
  ],
  [
    "the order of the curve is added to s",
    "MEUCIBA/knLTYn36pEe5ap7gPle48mdL52ljNK4Dm9WnlMaKAiEBEtt1z44XetHDJYwFOsLNyFgtq0F2eMnVF9a25ThMbNg=",
  ],
  ["r is negative", "MEQCIJA/knLTYn36pEe5ap7gPle48mdL52ljNK4Dm9WnlMaKAiAS23XQjhd60MMljAU6ws3Im0awk89hK1AkHOwiO+lHhw=="],
  [
    "r and s changed places",
    "MEQCIBLbddCOF3rQwyWMBTrCzcibRrCTz2ErUCQc7CI76UeHAiAQP5Jy02J9+qRHuWqe4D5XuPJnS+dpYzSuA5vVp5TGig==",
  ],
  [
    "one on P-384",
    "MGUCMC61AvsCxcaFiivF+DhRwCy+RlugDxOmZ3ZOXsVRzUUbjQW2UHVKcBG5MuX88IaKqgIxANzK407XorVegcqVm0ivD1wfg52qBTqo1p91CgFV/Zdlv9PB9/d3P5/Suv493QJ9SQ==",
  ],
  ["one on P-224", "MD0CHQCM+7lnuyIHEL9/eLSDK13gj2+zUpo7gNicO/gbAhxrGAZZw7hQ5uSAcnE/G9fdOh/NjArjd/HjNdLj"],
  [
    "one on secp256k1",
    "MEQCIC1AgZILhQjEJuBMUXFJLQ7S2Q/bThl7L8p04REYp6mMAiB0VFxjJXUIzu0QWggQDckrgNwzxtO074hvCExTOVOjeQ==",
  ],
];

/** Keys that are not public ones on P-256, with what they are. */
export const badKeys: readonly (readonly [string, string])[] = [
  [
    "P-384",
    publicKey(
      "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEFQXDiDeC7M5e6XF6D17kx0xGT4ofxmp7",
      "MHzj/EgwItquI1u59ZhBStIxbzbYBSGsSGSjK4Cmc0bG+4S42aON7cWP1wVih84i",
      "kk5ellOZd68zP6HYlKY8bFhZN6iTCisz",
    ),
  ],
  [
    "secp256k1",
    publicKey(
      "MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAE06pSPvBckl0xuCp4ElWRchUMT7jHW144",
      "v1KCeHJgHyoW2q3Yyf6ss/jsdcX/aBDI6303g236BjL/nY9C8CmNHQ==",
    ),
  ],
  [
    "brainpoolP256r1",
    publicKey(
      "MFowFAYHKoZIzj0CAQYJKyQDAwIIAQEHA0IABAIVQuZklHkG3VH7+k43DS8ItuLO",
      "carVJ07pm32XcAq3MEWMP9J2XITOSSHbtjwOEr+Dt2vWZxMdpGAtJ3oVWEg=",
    ),
  ],
  [
    "RSA",
    publicKey(
      "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC9mANORV4FDQHy7wW1BxCMG7a1",
      "idBXsWm+jSZuoR96Z8lfvo1VryeB0fHPwj4axJoIqQetXGPOIZ1A2TxUusk6P0DX",
      "E/prqIbscMvwomizHpojoo8oX/KQIct7NmRB7Refyh96E+HVcgmLJAGsYRf8KkLj",
      "VgQe9btaimjYPIMqiwIDAQAB",
    ),
  ],
  ["Ed25519", publicKey("MCowBQYDK2VwAyEA+Tu5rBw9Sy1TMCDMDLmiGjuScMdDqoZAM1Gj5j31m/U=")],
  [
    "a point that is not on the curve",
    publicKey(
      "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEkAO9fm/LQ7HNUZL+kTPWLaqkgqwN",
      "wVQOYPzM+2MH8BQFCJOhiQA8unDxgfHxzjtI/WlaZn4Tlgv3TFm6Q7SvKA==",
    ),
  ],
  [
    "a private key",
    pem(
      "EC PRIVATE KEY",
      "MHcCAQEEIBUPD3SRsqUkBT541NgxJ47kcOY/a7GtxsUG4oH13QscoAoGCCqGSM49",
      "AwEHoUQDQgAEkAO8fm/LQ7HNUZL+kTPWLaqkgqwNwVQOYPzM+2MH8BQFCJOhiQA8",
      "unDxgfHxzjtI/WlaZn4Tlgv3TFm6Q7SvKA==",
    ),
  ],
  [
    "a private key, PKCS #8",
    pem(
      "PRIVATE KEY",
      "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgFQ8PdJGypSQFPnjU",
      "2DEnjuRw5j9rsa3GxQbigfXdCxyhRANCAASQA7x+b8tDsc1Rkv6RM9YtqqSCrA3B",
      "VA5g/Mz7YwfwFAUIk6GJADy6cPGB8fHOO0j9aVpmfhOWC/dMWbpDtK8o",
    ),
  ],
  [
    "a certificate",
    pem(
      "CERTIFICATE",
      "MIIBbzCCARWgAwIBAgIUemE1t1zbjmMpcDlueNbFlDBIymUwCgYIKoZIzj0EAwIw",
      "DDEKMAgGA1UEAwwBeDAgFw0yNjExMjExOTI1MzdaGA8yMTI2MTAyODE5MjUzN1ow",
      "DDEKMAgGA1UEAwwBeDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABJADvH5vy0Ox",
      "zVGS/pEz1i2qpIKsDcFUDmD8zPtjB/AUBQiToYkAPLpw8YHx8c47SP1pWmZ+E5YL",
      "90xZukO0ryijUzBRMB0GA1UdDgQWBBSpSToRgZOlsTbGnSOOmiiFLp7+hjAfBgNV",
      "HSMEGDAWgBSpSToRgZOlsTbGnSOOmiiFLp7+hjAPBgNVHRMBAf8EBTADAQH/MAoG",
      "CCqGSM49BAMCA0gAMEUCIGgljr9FidXUEsHuPB5njs62zXtsFLwjk1uXF4lNZ7DU",
      "AiEA/jmDWgenJTwAV9prTW8EX5JhCQEAn1y7pl8A0ZuOgFk=",
    ),
  ],
  ["nothing", ""],
  ["text", "nonsense"],
  ["nothing between the lines", publicKey()],
  ["one cut short", publicKey("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEkAO8fm/LQ7HNUZL+kTPWLaqkgqwN")],
  [
    "one whose last line is missing",
    publicKey(
      "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEkAO8fm/LQ7HNUZL+kTPWLaqkgqwN",
      "wVQOYPzM+2MH8BQFCJOhiQA8unDxgfHxzjtI/WlaZn4Tlgv3TFm6Q7SvKA==",
    ).slice(0, -30),
  ],
  [
    "not Base64",
    publicKey(
      "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEkAO8fm/LQ7HNUZL+kTPWLaqkgqw!",
      "wVQOYPzM+2MH8BQFCJOhiQA8unDxgfHxzjtI/WlaZn4Tlgv3TFm6Q7SvKA==",
    ),
  ],
  [
    "without the lines around it",
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEkAO8fm/LQ7HNUZL+kTPWLaqkgqwNwVQOYPzM+2MH8BQFCJOhiQA8unDxgfHxzjtI/WlaZn4Tlgv3TFm6Q7SvKA==",
  ],
];

function publicKey(...lines: readonly string[]): string {
  return pem("PUBLIC KEY", ...lines);
}

function pem(label: string, ...lines: readonly string[]): string {
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}
