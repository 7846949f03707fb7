/** Owns TLS as a test speaks it to 127.0.0.1: what a server shows in the handshake, and requests from another address of this machine. */

import { connect as open } from "node:net";
import { type ConnectionOptions, connect, type PeerCertificate } from "node:tls";

/** The certificate of the server. @throws Error when the two do not agree */
export function handshake(port: number, options: ConnectionOptions): Promise<PeerCertificate> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, ...options }, () => {
      resolve(socket.getPeerCertificate());
      socket.destroy();
    });
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("the server hung up")));
  });
}

/** Sends one request as text from that address, and gives all that comes back until the server closes the connection. */
export function exchangeFrom(
  localAddress: string,
  port: number,
  options: ConnectionOptions,
  request: string,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = open({ host: "127.0.0.1", port, localAddress });
    socket.once("error", reject);
    socket.once("connect", () => {
      const secured = connect({ socket, ...options });
      let answer = "";
      secured.on("data", (bytes: Buffer) => {
        answer += bytes.toString("latin1");
      });
      secured.once("error", reject);
      secured.once("close", () => resolve(answer));
      secured.write(request, "latin1");
    });
  });
}
