/**
 * Owns how a mutant takes the place of the product's modules. What it replaces must stand in its file exactly once, so that it never silently
 * tests nothing.
 */

import { join } from "node:path";
import { plugin } from "bun";
import type { Mutant } from "./mutants/mutant.ts";
import { MUTANTS } from "./mutants/mutants.ts";

const ROOT = join(import.meta.dir, "../..");

/** The texts of the mutant's modules, by path. @throws Error unless each snippet stands in its file exactly once */
export async function mutatedTexts(
  { name, edits }: Pick<Mutant, "name" | "edits">,
  read: (path: string) => Promise<string>,
): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const { file, snippet, instead } of edits) {
    const path = join(ROOT, file);
    const parts = (texts.get(path) ?? (await read(path))).split(snippet);
    if (parts.length !== 2) {
      throw new Error(`mutant ${name}: ${file} has this ${parts.length - 1} times instead of once: ${snippet}`);
    }
    texts.set(path, parts.join(instead));
  }
  return texts;
}

/** From now on the mutant's modules are loaded instead of the product's: to be called before anything else of the product is. */
export async function loadMutant(name: string): Promise<Mutant> {
  const mutant = MUTANTS.find((each) => each.name === name);
  if (mutant === undefined)
    throw new Error(`no mutant is called ${name}: ${MUTANTS.map((each) => each.name).join(", ")}`);
  const texts = await mutatedTexts(mutant, (path) => Bun.file(path).text());
  plugin({
    name: `mutant ${name}`,
    setup(build) {
      const paths = [...texts.keys()].map((path) => path.replaceAll(/[.\\/]/g, "\\$&"));
      build.onLoad({ filter: new RegExp(`^(?:${paths.join("|")})$`) }, ({ path }) => ({
        contents: texts.get(path) ?? "",
        loader: "ts",
      }));
    },
  });
  return mutant;
}
