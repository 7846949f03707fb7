/** Owns where the server programs of this machine are, and which package brings one that is missing. */

export interface Program {
  /** The names that it goes by, the best first. */
  readonly names: readonly string[];
  readonly debianPackage: string;
}

/** What a cluster stands on. */
export const SERVER_PROGRAMS = {
  mariadbd: { names: ["mariadbd", "mysqld"], debianPackage: "mariadb-server" },
  "nats-server": { names: ["nats-server"], debianPackage: "nats-server" },
  "redis-server": { names: ["redis-server"], debianPackage: "redis-server" },
} as const satisfies Record<string, Program>;

/** What a cluster can have beside it. */
export const PROMETHEUS: Program = { names: ["prometheus"], debianPackage: "prometheus" };

export type ServerProgram = keyof typeof SERVER_PROGRAMS;

/** `PATH`, and where servers are installed, which isn't on everybody's. */
export function searchPath({ PATH = "" }: Readonly<Record<string, string | undefined>>): string {
  return `${PATH}:/usr/sbin:/usr/local/sbin:/usr/local/bin:/sbin:/opt/homebrew/bin`;
}

/** Its path, or null when it isn't installed. @param path folders of programs, with colons between */
export function findProgram({ names }: Program, path: string): string | null {
  for (const name of names) {
    const found = Bun.which(name, { PATH: path });
    if (found !== null) return found;
  }
  return null;
}

export function missingProgram(name: string, { debianPackage }: Program): string {
  return `${name} is not installed (Debian: apt-get install ${debianPackage})`;
}
