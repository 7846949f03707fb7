/** Owns the address of what listens here, as a program on this machine asks for it. */

/** Loopback stands for all interfaces: what stands for them can't be visited. */
const VISITED: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

/** The origin of a server that was told to listen at `host`, a name or an address. */
export function originOf(host: string, port: number): string {
  const visited = VISITED[host] ?? host;
  return `http://${visited.includes(":") ? `[${visited}]` : visited}:${port}`;
}
