// SPDX-License-Identifier: Apache-2.0

import type { Topic } from "./topic.js";

/** What a topic below `operations/` asks for. */
export type Operation =
  | { readonly kind: "create" }
  | { readonly kind: "get" | "update" | "delete"; readonly assetId: string }
  | { readonly kind: "updateAttributes"; readonly assetId: string }
  | {
      readonly kind: "updateAttribute" | "getAttribute" | "getValue";
      readonly assetId: string;
      readonly name: string;
    };

const attributeMethods = { update: "updateAttribute", get: "getAttribute", "get-value": "getValue" } as const;

/** @returns undefined: nothing the API knows, as the `attributes/get` that is only in its description */
export function operationOf(topic: Topic): Operation | undefined {
  const [, , , assets, assetId = "", method = "", name = "", attributeMethod = ""] = topic;
  if (assets !== "assets" || topic.includes("")) return undefined;
  if (topic.length === 6) return assetOperation(assetId, method);
  if (method !== "attributes") return undefined;
  if (topic.length === 7) return name === "update" ? { kind: "updateAttributes", assetId } : undefined;
  if (topic.length !== 8 || !Object.hasOwn(attributeMethods, attributeMethod)) return undefined;
  return { kind: attributeMethods[attributeMethod as keyof typeof attributeMethods], assetId, name };
}

function assetOperation(assetId: string, method: string): Operation | undefined {
  if (method === "create") return { kind: "create" };
  return method === "get" || method === "update" || method === "delete" ? { kind: method, assetId } : undefined;
}
