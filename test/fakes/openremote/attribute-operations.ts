// SPDX-License-Identifier: Apache-2.0

import type { Asset } from "./asset.js";
import type { AssetStore } from "./asset-store.js";
import type { AttributeWriter } from "./attribute-writer.js";
import type { Authorisation } from "./authorisation.js";
import type { Client } from "./client.js";
import { attributeJson, attributeNewsJson } from "./event-json.js";
import { OperationError } from "./operation-error.js";
import { isRecord, parseValue } from "./values.js";

export interface AttributeOperationsOptions {
  readonly assets: AssetStore;
  readonly writer: AttributeWriter;
  readonly authorisation: Authorisation;
}

/** Operations on single attributes. All throw an `OperationError` for what is to be answered by one. */
export class AttributeOperations {
  readonly #options: AttributeOperationsOptions;

  constructor(options: AttributeOperationsOptions) {
    this.#options = options;
  }

  /** The answer repeats what came, and tells nothing of what becomes of it. */
  update({ clientId }: Client, assetId: string, name: string, text: string): object {
    this.#options.writer.write({ assetId, name, value: text, clientId, isGatewayApi: true });
    return attributeNewsJson({ assetId, name, value: text, timestamp: 0 });
  }

  /** All of them or none. */
  updateAll(client: Client, realm: string, assetId: string, text: string, gateway: Asset | undefined): object[] {
    const values = parseValue(text);
    if (values === null) throw new OperationError("BAD_REQUEST", "Invalid data provided");
    if (!isRecord(values)) throw new Error("not an object");
    const names = Object.keys(values);
    if (names.some((name) => !this.#mayWrite(client, realm, assetId, name, gateway))) {
      throw new OperationError("UNAUTHORIZED", "One or more attribute updates were not authorized");
    }
    const { clientId } = client;
    for (const name of names) {
      this.#options.writer.write({ assetId, name, value: values[name], clientId, isGatewayApi: true });
    }
    return names.map((name) => attributeNewsJson({ assetId, name, value: values[name], timestamp: 0 }));
  }

  /** @param isValueOnly faithful: an attribute without a value is shown whole all the same */
  get(assetId: string, name: string, isValueOnly: boolean): unknown {
    const asset = this.#options.assets.get(assetId);
    if (!asset) throw new Error("no such asset");
    const attribute = asset.attributes.get(name);
    if (!attribute) throw new OperationError("NOT_FOUND", "Attribute not found");
    return isValueOnly && attribute.value !== null ? attribute.value : attributeJson(attribute);
  }

  #mayWrite({ user }: Client, realm: string, assetId: string, name: string, gateway: Asset | undefined): boolean {
    const { assets, authorisation } = this.#options;
    if (gateway && !assets.isDescendant(assetId, gateway.id)) return false;
    return user !== undefined && authorisation.writeAttribute(user, realm, assetId, name) === undefined;
  }
}
