/** Owns who a request comes from on the network, and whose word about it counts (TRUSTED_PROXIES). */

import { BlockList, isIP } from "node:net";

/** The part of Bun's server that knows the peer of a connection. */
export interface PeerLookup {
  requestIP(request: Request): { readonly address: string } | null;
}

/** A request's client: an IP address in its usual form, or `unknown` where there is no connection to ask. */
export type ClientAddress = (request: Request, server: PeerLookup | null) => string;

const UNKNOWN = "unknown";

/** More than any chain of proxies has. */
const PROXIES_MAX = 256;

/**
 * Reads `TRUSTED_PROXIES`: IP addresses and CIDR blocks, separated by commas or blanks.
 * @throws Error that names the entry which is neither
 */
export function readTrustedProxies(text: string): BlockList {
  const entries = text.split(/[\s,]+/).filter((entry) => entry !== "");
  if (entries.length > PROXIES_MAX) throw new Error(`has more than ${PROXIES_MAX} entries`);
  const trusted = new BlockList();
  for (const entry of entries) {
    const [address = "", bits, ...rest] = entry.split("/");
    const version = isIP(address);
    const bitsMax = version === 6 ? 128 : 32;
    const isBlock = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= bitsMax);
    if (version === 0 || !isBlock || rest.length > 0) throw new Error(`"${entry}" is neither an address nor a block`);
    trusted.addSubnet(address, Number(bits ?? bitsMax), family(version));
  }
  return trusted;
}

/**
 * `X-Forwarded-For` is read from the right, since every proxy adds who called it there: the first address that is no
 * trusted proxy is the client. What stands to its left, the client may have made up.
 */
export function clientAddressBehind(trusted: BlockList): ClientAddress {
  return (request, server) => {
    const peer = readAddress(server?.requestIP(request)?.address ?? "");
    if (peer === null) return UNKNOWN;
    if (!isTrusted(peer, trusted)) return peer;
    const forwarded = (request.headers.get("x-forwarded-for") ?? "").split(",");
    let client = peer;
    for (const entry of forwarded.reverse().slice(0, PROXIES_MAX)) {
      const address = readAddress(entry.trim());
      if (address === null) return client;
      client = address;
      if (!isTrusted(client, trusted)) return client;
    }
    return client;
  };
}

/** What limits by address count by: an IPv6 customer has a whole /64 at hand. */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = "", tail] = address.split("::");
  const groups = head.split(":");
  const after = tail === undefined || tail === "" ? 0 : tail.split(":").length;
  const filled =
    tail === undefined ? groups : [...groups, ...Array(8 - groups.length - after).fill("0"), ...tail.split(":")];
  return `${filled
    .slice(0, 4)
    .map((group) => group || "0")
    .join(":")}::/64`;
}

/** `1.2.3.4`, `1.2.3.4:567`, `2001:DB8::1`, `[2001:db8::1]:567`, `::ffff:1.2.3.4`; null for anything else. */
function readAddress(text: string): string | null {
  const bare = /^\[(.+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  const mapped = /^::ffff:([\d.]+)$/i.exec(bare)?.[1] ?? bare;
  const version = isIP(mapped);
  if (version !== 6) return version === 4 ? mapped : null;
  // A URL's host is the shortest form of an IPv6 address (RFC 5952), which has no zone.
  return URL.parse(`http://[${mapped.replace(/%.*$/, "")}]`)?.hostname.slice(1, -1) ?? null;
}

function isTrusted(address: string, trusted: BlockList): boolean {
  return trusted.check(address, family(isIP(address)));
}

function family(version: number): "ipv4" | "ipv6" {
  return version === 6 ? "ipv6" : "ipv4";
}
