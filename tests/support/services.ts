/** Owns what tests do where a server program isn't installed: they leave its suites out, and say so; with `CI=true` or `REQUIRE_SERVICES=1` they fail. */

import { describe, test } from "bun:test";

export type ServiceProgram = "mariadbd" | "nats-server" | "redis-server" | "node" | "chromium" | "python3";

/** For each program, the names that it goes by, the best first, and the Debian package that brings it. */
const SERVICES: Record<ServiceProgram, { readonly names: readonly string[]; readonly debianPackage: string }> = {
  mariadbd: { names: ["mariadbd", "mysqld"], debianPackage: "mariadb-server" },
  "nats-server": { names: ["nats-server"], debianPackage: "nats-server" },
  "redis-server": { names: ["redis-server"], debianPackage: "redis-server" },
  node: { names: ["node"], debianPackage: "nodejs" },
  python3: { names: ["python3"], debianPackage: "python3" },
  chromium: { names: ["chromium", "chromium-browser", "google-chrome"], debianPackage: "chromium" },
};

/** Where servers are installed, which isn't on everybody's PATH. */
const SERVER_FOLDERS = "/usr/sbin:/usr/local/sbin:/usr/local/bin:/sbin";

export interface Machine {
  /** Folders of programs, with colons between. */
  readonly path: string;
  /** Whether a missing program is a failure. */
  readonly mustHaveAll: boolean;
}

/**
 * Its path, or null when it isn't installed and may be missing.
 * @throws Error that names the package, when it may not
 */
export function requireService(program: ServiceProgram, machine: Machine = thisMachine()): string | null {
  for (const name of SERVICES[program].names) {
    const path = Bun.which(name, { PATH: machine.path });
    if (path !== null) return path;
  }
  if (machine.mustHaveAll) throw new Error(missing(program));
  return null;
}

/** A suite that needs the program. Without it, one line says what was left out and why, or the suite fails. */
export function describeWithService(program: ServiceProgram, suite: string, body: (path: string) => void): void {
  const machine = thisMachine();
  const path = requireService(program, { ...machine, mustHaveAll: false });
  if (path !== null) {
    describe(suite, () => body(path));
    return;
  }
  console.warn(`left out: ${suite}: ${missing(program)}`);
  if (machine.mustHaveAll) test(suite, () => void requireService(program, machine));
}

function thisMachine(): Machine {
  const { PATH = "", CI, REQUIRE_SERVICES } = process.env;
  return { path: `${PATH}:${SERVER_FOLDERS}`, mustHaveAll: CI === "true" || REQUIRE_SERVICES === "1" };
}

function missing(program: ServiceProgram): string {
  return `${program} is not installed (Debian: apt-get install ${SERVICES[program].debianPackage})`;
}
