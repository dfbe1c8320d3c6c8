// SPDX-License-Identifier: Apache-2.0
// The oracle without its table of 65,536 buffers, which takes XS seconds to fill.

import oracle from "../../../node_modules/mqtt-packet/mqtt.js";

const { generate, parser, writeToStream } = oracle;
Object.assign(writeToStream, { cacheNumbers: false });

export { generate, parser };
