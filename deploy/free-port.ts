/** Owns the choice of ports for servers of this machine, from those that no system hands out: what is free now stays so until its server takes it. */

/** Below the ports that Linux (from 32768) and others (from 49152) give to clients, and to whoever takes any. */
const PORT_MIN = 20_000;
const PORTS = 10_000;

/** Programs that choose at the same time begin apart, and none chooses the same port twice in a row. */
let next = Math.floor(Math.random() * PORTS);

/** A port of the loopback that nobody listens at now. @throws Error when all are taken */
export function freePort(): number {
  for (let tries = 0; tries < PORTS; tries++) {
    const port = PORT_MIN + next;
    next = (next + 1) % PORTS;
    if (isFree(port)) return port;
  }
  throw new Error(`no port from ${PORT_MIN} to ${PORT_MIN + PORTS - 1} is free`);
}

/** Whether nobody listens at it now. 0, for any, always is. */
export function isFree(port: number): boolean {
  try {
    Bun.listen({ hostname: "127.0.0.1", port, socket: { data() {} } }).stop(true);
    return true;
  } catch {
    return false;
  }
}
