/** Owns the words of the operators' pages in the reader's language. */

import type { StageName } from "../../admin/stage-view.ts";
import { language } from "../member/state/words.ts";
import { OPERATOR_WORDS } from "./words-of.ts";

export const words = OPERATOR_WORDS[language];

export function stageName(stage: StageName): string {
  return words.live.names[stage];
}

export function filled(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (_all, name: string) => String(values[name] ?? ""));
}
