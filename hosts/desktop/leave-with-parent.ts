// SPDX-License-Identifier: Apache-2.0
// Preloaded into every child process: when the parent is gone, however it went, the child ends as on a signal.

process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
// Listening must not keep the process alive.
process.channel?.unref();
// Nor must a line that nobody reads any more be its end.
process.stdout.on("error", () => undefined);
