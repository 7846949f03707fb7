/** Goal: the proxy does to a connection what the tests believe that it does. */

import { afterEach, beforeEach, expect, test } from "bun:test";
import { connect, createServer, type Server, type Socket } from "node:net";
import { TcpProxy } from "./tcp-proxy.ts";
import { until } from "./until.ts";

let echo: Server;
let heard: string;
let proxy: TcpProxy;
let port: number;

beforeEach(async () => {
  heard = "";
  echo = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (bytes: Buffer) => {
      heard += bytes;
      socket.write(bytes);
    });
  });
  await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
  const address = echo.address();
  port = typeof address === "object" && address !== null ? address.port : 0;
  proxy = new TcpProxy({ to: port });
});

afterEach(async () => {
  await proxy.stop();
  echo.close();
});

interface Client {
  readonly socket: Socket;
  readonly got: () => string;
  readonly isOpen: () => boolean;
}

async function client(): Promise<Client> {
  const socket = connect({ port: proxy.port, host: "127.0.0.1" });
  let got = "";
  let isOpen = false;
  socket.on("connect", () => {
    isOpen = true;
  });
  socket.on("data", (bytes: Buffer) => {
    got += bytes;
  });
  socket.on("error", () => {});
  socket.on("close", () => {
    isOpen = false;
  });
  await until(() => isOpen, "the connection");
  return { socket, got: () => got, isOpen: () => isOpen };
}

test("cut() ends what is open, and lets new connections through", async () => {
  const one = await client();
  one.socket.write("one");
  await until(() => one.got() === "one", "the echo");
  proxy.cut();
  await until(() => !one.isOpen(), "the end");
  const two = await client();
  two.socket.write("two");
  await until(() => two.got() === "two", "the echo");
});

test("down() lets nothing through until mend()", async () => {
  proxy.down();
  const socket = connect({ port: proxy.port, host: "127.0.0.1" });
  let isClosed = false;
  socket.on("error", () => {});
  socket.on("close", () => {
    isClosed = true;
  });
  await until(() => isClosed, "the end");
  proxy.mend();
  const two = await client();
  two.socket.write("two");
  await until(() => two.got() === "two", "the echo");
});

test("pause() holds everything back, and mend() lets it arrive in order", async () => {
  const one = await client();
  proxy.pause();
  one.socket.write("a");
  const two = await client();
  two.socket.write("b");
  await until(() => proxy.connections === 2, "both connections");
  expect(heard).toBe("");
  proxy.mend();
  await until(() => one.got() === "a" && two.got() === "b", "the echoes");
});

test("breakAt() before: the words never arrive", async () => {
  const one = await client();
  const broken = proxy.breakAt("commit", "before");
  one.socket.write("first");
  await until(() => one.got() === "first", "the echo");
  one.socket.write("commit");
  await broken;
  await until(() => !one.isOpen(), "the end");
  expect(heard).toBe("first");
});

test("breakAt() after: the words arrive, and the answer does not", async () => {
  const one = await client();
  const broken = proxy.breakAt("commit", "after");
  one.socket.write("commit");
  await broken;
  await until(() => !one.isOpen(), "the end");
  expect(heard).toBe("commit");
  expect(one.got()).toBe("");
});

test("breakAt() held: the client is gone before the words arrive", async () => {
  const one = await client();
  const broken = proxy.breakAt("commit", "held");
  one.socket.write("commit");
  const { deliver } = await broken;
  await until(() => !one.isOpen(), "the end");
  expect(heard).toBe("");
  await deliver();
  expect(heard).toBe("commit");
});
