// SPDX-License-Identifier: Apache-2.0

/**
 * A JSON value as the cloud sent it. Objects are Maps: names chosen by somebody else never become property names,
 * because XS keeps every property name for ever.
 */
export type Json = null | boolean | number | string | readonly Json[] | ReadonlyMap<string, Json>;
