// SPDX-License-Identifier: Apache-2.0

declare module "*/mqtt-packet/mqtt.js" {
  const oracle: typeof import("mqtt-packet");
  export default oracle;
}
