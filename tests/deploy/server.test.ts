/** Goal: whoever stops a server that is still starting has stopped it: nobody is told that it runs. */

import { expect, test } from "bun:test";
import { tmpdir } from "node:os";
import { Server } from "../../deploy/cluster/server.ts";
import { failureOf } from "../support/failure-of.ts";

test.each(["stop", "kill"] as const)(
  "a %s while it is asked whether it answers ends the start, whatever it answers",
  async (end) => {
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<boolean>();
    const server = new Server({
      name: "some server",
      port: 0,
      command: ["sleep", "60"],
      env: { PATH: process.env.PATH ?? "" },
      folder: tmpdir(),
      print: () => {},
      isReady: () => {
        asked.resolve();
        return answer.promise;
      },
    });
    const start = failureOf(server.start());
    await asked.promise;
    const ended = server[end]();
    answer.resolve(true);
    expect(String(await start)).toContain("some server did not start");
    await ended;
    expect(server.isRunning).toBe(false);
  },
);
