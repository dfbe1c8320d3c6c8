// SPDX-License-Identifier: Apache-2.0

/** Publishes from the manager to whoever subscribed. */
export type Publisher = (topic: string, payload: string, qos?: 0 | 1) => void;
