/** Owns where the server programs of this machine are, and which package brings one that is missing. */

export type ServiceProgram = "mariadbd" | "nats-server" | "redis-server";

/** The names that a program goes by, the best first. */
const NAMES: Record<ServiceProgram, readonly string[]> = {
  mariadbd: ["mariadbd", "mysqld"],
  "nats-server": ["nats-server"],
  "redis-server": ["redis-server"],
};

/** Debian's packages. */
const PACKAGES: Record<ServiceProgram, string> = {
  mariadbd: "mariadb-server",
  "nats-server": "nats-server",
  "redis-server": "redis-server",
};

/** Where servers are installed, which isn't on everybody's PATH. */
const SERVER_FOLDERS = "/usr/sbin:/usr/local/sbin:/usr/local/bin:/sbin:/opt/homebrew/bin";

/** Its path, or null when it isn't installed. @param path folders of programs, with colons between */
export function findProgram(program: ServiceProgram, path: string): string | null {
  for (const name of NAMES[program]) {
    const found = Bun.which(name, { PATH: `${path}:${SERVER_FOLDERS}` });
    if (found !== null) return found;
  }
  return null;
}

export function missingProgram(program: ServiceProgram): string {
  return `${program} is not installed (Debian: apt-get install ${PACKAGES[program]})`;
}
