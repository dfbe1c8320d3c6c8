// SPDX-License-Identifier: Apache-2.0

/** Something that the SDK keeps alive until it is closed, even where nobody holds it any more. */
export interface Resource {
  close(): void;
}

/** What one firmware has open. Only a host that starts a second firmware in the same machine needs to know. */
export type Resources = Set<Resource>;
