/** Owns what tests do where a server program isn't installed: they leave its suites out, and say so; with `CI=true` or `REQUIRE_SERVICES=1` they fail. */

import { describe, test } from "bun:test";
import {
  findProgram,
  missingProgram,
  PROMETHEUS,
  type Program,
  SERVER_PROGRAMS,
  searchPath,
} from "../../deploy/cluster/programs.ts";

/** The servers that the product stands on, and what else suites need. */
const SERVICES = {
  ...SERVER_PROGRAMS,
  node: { names: ["node"], debianPackage: "nodejs" },
  curl: { names: ["curl"], debianPackage: "curl" },
  python3: { names: ["python3"], debianPackage: "python3" },
  nginx: { names: ["nginx"], debianPackage: "nginx" },
  prometheus: PROMETHEUS,
  promtool: { names: ["promtool"], debianPackage: "prometheus" },
  // The one without a window first: the same pages for two thirds of the CPU time.
  chromium: {
    names: ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"],
    debianPackage: "chromium-headless-shell",
  },
} as const satisfies Record<string, Program>;

export type ServiceProgram = keyof typeof SERVICES;

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
  const path = findProgram(SERVICES[program], machine.path);
  if (path === null && machine.mustHaveAll) throw new Error(missing(program));
  return path;
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
  const { CI, REQUIRE_SERVICES } = process.env;
  return { path: searchPath(process.env), mustHaveAll: CI === "true" || REQUIRE_SERVICES === "1" };
}

function missing(program: ServiceProgram): string {
  return missingProgram(program, SERVICES[program]);
}

/** As {@link describeWithService}, for a suite that needs several: the first that is missing is named. */
export function describeWithServices(
  programs: readonly [ServiceProgram, ...ServiceProgram[]],
  suite: string,
  body: () => void,
): void {
  const machine = { ...thisMachine(), mustHaveAll: false };
  const missingOne = programs.find((program) => requireService(program, machine) === null);
  describeWithService(missingOne ?? programs[0], suite, body);
}
