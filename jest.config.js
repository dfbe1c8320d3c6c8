import { availableParallelism } from "node:os";

const project = (displayName, testMatch) => ({
  displayName,
  testMatch,
  testEnvironment: "node",
  extensionsToTreatAsEsm: [".ts"],
  transform: { "^.+\\.ts$": ["@swc/jest", { jsc: { target: "es2022", parser: { syntax: "typescript" } } }] },
  moduleNameMapper: {
    "^(\\.{1,2}/.*)\\.js$": "$1",
    "^hosts/platform/host$": "<rootDir>/hosts/node/host",
  },
  modulePathIgnorePatterns: ["<rootDir>/.xsthing", "<rootDir>/build"],
});

export default {
  // Many tests wait for something, so that one more of them than there are cores finds the time; those on XS do not (package.json).
  maxWorkers: availableParallelism() + 1,
  // Longer than jest's own five seconds, for machines that have more to do.
  testTimeout: 20_000,
  // Files of the XS lane's unit tests, each of which is a process.
  maxConcurrency: 2,
  projects: [
    project("v8", [
      "<rootDir>/test/unit/**/*.test.ts",
      "<rootDir>/test/contract/**/*.test.ts",
      "<rootDir>/test/integration/**/*.test.ts",
      "<rootDir>/test/faults/**/*.test.ts",
    ]),
    project("xs", ["<rootDir>/test/xs/**/*.test.ts"]),
  ],
};
