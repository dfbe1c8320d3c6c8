// SPDX-License-Identifier: Apache-2.0
// What OpenRemote takes for the levels of a topic. One topic that it does not take ends the session (MQTT 3.1.1 has no other answer), so
// that everything is looked at here first.

const assetIdLength = 22;

/** With the longest tail of a topic, 71 bytes and a name, all of them stay below the 255 bytes that a session publishes on. */
const maxRealmLength = 40;
export const maxClientIdLength = 42;
const maxNameLength = 100;

/** Base 62. */
export function isAssetId(text: string): boolean {
  if (text.length !== assetIdLength) return false;
  for (let at = 0; at < text.length; at += 1) if (!isAlphanumeric(text.charCodeAt(at))) return false;
  return true;
}

/** What is wrong with the name of an attribute: it is 1 to 100 letters of ASCII, digits and underscores. */
export function attributeNameProblem(name: string): string | undefined {
  if (name.length < 1 || name.length > maxNameLength) return `is not 1 to ${maxNameLength} characters`;
  for (let at = 0; at < name.length; at += 1) {
    const code = name.charCodeAt(at);
    if (!isAlphanumeric(code) && code !== underscore) return "is not of letters, digits and underscores alone";
  }
  return undefined;
}

/** What is wrong with one level of a topic in which the characters of `banned` have another meaning. */
export function levelProblem(level: string, banned: string): string | undefined {
  for (let at = 0; at < level.length; at += 1) {
    const code = level.charCodeAt(at);
    if (code < firstPrintable || code > lastPrintable) return "has a character that is not printable ASCII";
    if (banned.includes(level.charAt(at))) return `has one of ${banned}`;
  }
  return undefined;
}

/** A colon would end the realm in the user name. */
const bannedInRealm = "/+#:";

/** What is wrong with the name of a realm: it is 1 to 40 characters of printable ASCII. */
export function realmProblem(realm: string): string | undefined {
  if (realm.length < 1 || realm.length > maxRealmLength) return `is not 1 to ${maxRealmLength} characters`;
  return levelProblem(realm, bannedInRealm);
}

/** The broker maps topics to addresses with dots between the levels. */
export const bannedInClientId = "/+#.*\\";

/** The manager puts it into the replacement of a regular expression. */
export const bannedInUniqueId = "/+#$\\";

const underscore = 0x5f;
const firstPrintable = 0x21;
const lastPrintable = 0x7e;

function isAlphanumeric(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}
