/** Owns the reading of NATS addresses: servers, and the one user that this program is at all of them. */

export interface NatsAddress {
  /** `host:port`, in the order given. */
  readonly servers: readonly string[];
  readonly user: string | null;
  readonly password: string | null;
  /** Whether an address says `tls://`. */
  readonly isTls: boolean;
}

const PORT = 4222;

/**
 * @param url `nats://user:password@host:4222`, several by commas; of them one may name the user for all
 * @throws Error in words for an operator, without a password
 */
export function readNatsAddress(url: string): NatsAddress {
  const servers: string[] = [];
  let user: string | null = null;
  let password: string | null = null;
  let isTls = false;
  for (const part of url.split(",")) {
    const given = URL.parse(part.trim());
    if (given === null || !["nats:", "tls:"].includes(given.protocol) || given.hostname === "") {
      throw new Error("a NATS address is nats://user:password@host:4222 or tls://…, several by commas");
    }
    isTls ||= given.protocol === "tls:";
    servers.push(`${given.hostname}:${given.port === "" ? PORT : given.port}`);
    if (given.username === "") continue;
    const named = { user: decodeURIComponent(given.username), password: decodeURIComponent(given.password) };
    if (user !== null && (user !== named.user || password !== named.password)) {
      throw new Error("one user and password for all NATS addresses: two were given");
    }
    ({ user, password } = named);
  }
  return { servers, user, password, isTls };
}
