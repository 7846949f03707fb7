/** Owns text in pictures: safe to stand in XML, and no wider than its place. */

/** What XML 1.0 has no way to write at all (§2.2), and the edge lets in. */
const UNWRITABLE = /[\u{fffe}\u{ffff}]/gu;

export function escaped(text: string): string {
  return text
    .replace(UNWRITABLE, "")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

export interface TextStyle {
  readonly size: number;
  readonly fill: string;
  readonly weight?: number;
  /** @default "start" */
  readonly anchor?: "start" | "middle" | "end";
  /** Between letters. */
  readonly spacing?: number;
  readonly mono?: boolean;
  /** Shrinks what is wider, and cuts what would become too small to read. */
  readonly widthMax?: number;
}

// The faces of http/web/design/tokens.css.
const MONO =
  "ui-monospace, 'SF Mono', 'Cascadia Mono', 'Roboto Mono', 'Noto Sans Mono', 'Noto Sans Mono CJK KR', monospace";
export const SANS =
  "'Pretendard Variable', Pretendard, -apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, 'Apple SD Gothic Neo', " +
  "'Malgun Gothic', 'Noto Sans KR', 'Noto Sans CJK KR', system-ui, sans-serif";

/** How much wider bold letters are. */
const BOLDER = 1.06;

/** The least share of its size that a text is shrunk to before it is cut. */
const SHRINK_MIN = 0.6;

export function textAt(x: number, y: number, text: string, style: TextStyle): string {
  const { fill, weight = 400, anchor = "start", spacing, mono = false, widthMax } = style;
  const { shown, size } = fitted(
    text,
    style.size,
    (widthMax ?? Number.POSITIVE_INFINITY) / (weight > 400 ? BOLDER : 1),
  );
  const attributes = [
    `x="${x}" y="${y}" font-size="${size}" fill="${fill}"`,
    ...(weight === 400 ? [] : [`font-weight="${weight}"`]),
    ...(anchor === "start" ? [] : [`text-anchor="${anchor}"`]),
    ...(spacing === undefined ? [] : [`letter-spacing="${spacing}"`]),
    ...(mono ? [`font-family="${MONO}"`] : []),
  ];
  return `<text ${attributes.join(" ")}>${escaped(shown)}</text>`;
}

function fitted(text: string, size: number, widthMax: number): { shown: string; size: number } {
  const share = widthMax / (size * ems(text));
  if (share >= 1) return { shown: text, size };
  const smaller = Math.round(size * Math.max(share, SHRINK_MIN) * 10) / 10;
  if (share >= SHRINK_MIN) return { shown: text, size: smaller };
  let shown = "";
  for (const character of text) {
    if (smaller * ems(`${shown}${character}…`) > widthMax) break;
    shown += character;
  }
  return { shown: `${shown.trimEnd()}…`, size: smaller };
}

/** About how wide a text is, in ems: those who lay it out have fonts that nobody here knows. */
function ems(text: string): number {
  let sum = 0;
  for (const character of text) {
    if (/[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]|[\u{20000}-\u{3ffff}]/u.test(character))
      sum += 1;
    else if (/[A-ZМШЩЖ@%…—mw]/.test(character)) sum += 0.74;
    else sum += 0.56;
  }
  return sum;
}
