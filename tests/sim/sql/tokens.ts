/** Owns how the text of a statement falls into words, as MySQL reads it. */

export type Token =
  /** A keyword or a name that stands free; lower case. */
  | { readonly kind: "word"; readonly text: string }
  /** A name between backticks. */
  | { readonly kind: "name"; readonly text: string }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "symbol"; readonly text: string };

const TOKEN =
  /\s+|(?<word>[A-Za-z_][A-Za-z0-9_]*)|`(?<name>[^`]+)`|(?<number>\d+(?:\.\d+)?)|'(?<text>(?:[^']|'')*)'|(?<symbol><=|>=|<>|!=|[(),.*+\-/=<>?&])/y;

/** @throws Error at what MySQL would read otherwise, or not at all */
export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < sql.length) {
    const at = TOKEN.lastIndex;
    const groups = TOKEN.exec(sql)?.groups;
    if (groups === undefined) throw new Error(`no word of SQL at: ${sql.slice(at, at + 40)}`);
    const { word, name, number, text, symbol } = groups;
    if (word !== undefined) tokens.push({ kind: "word", text: word.toLowerCase() });
    else if (name !== undefined) tokens.push({ kind: "name", text: name });
    else if (number !== undefined) tokens.push({ kind: "number", value: Number(number) });
    else if (text !== undefined) tokens.push({ kind: "text", value: text.replaceAll("''", "'") });
    else if (symbol !== undefined) tokens.push({ kind: "symbol", text: symbol });
  }
  return tokens;
}
