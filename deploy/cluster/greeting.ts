/** Owns how a server of this machine is asked whether it answers: by its first words over TCP, so that no client library is needed. */

import { connect } from "node:net";

const WAIT_MS_MAX = 2_000;

/** The first bytes that come back on a new connection, after `hello` if there is one. @throws Error when nothing comes */
export function firstBytes(port: number, hello: string | null = null): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, timeout: WAIT_MS_MAX });
    const fail = (cause: Error): void => {
      socket.destroy();
      reject(cause);
    };
    socket.once("error", fail);
    socket.once("timeout", () => fail(new Error(`port ${port} says nothing`)));
    socket.once("close", () => fail(new Error(`port ${port} closed`)));
    if (hello !== null) socket.once("connect", () => socket.write(hello));
    socket.once("data", (bytes: Buffer) => {
      resolve(bytes);
      socket.destroy();
    });
  });
}
