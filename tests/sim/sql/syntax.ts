/** Owns the forms of the statements that the simulated database understands: those that the product sends, and no more. */

export type Value = string | number | null;

export type Expression =
  | { readonly kind: "value"; readonly value: Value }
  /** The `?` at this place, from 0. */
  | { readonly kind: "parameter"; readonly at: number }
  | { readonly kind: "column"; readonly table: string | null; readonly name: string }
  /** In an `on duplicate key update`: what the row would have been inserted with. */
  | { readonly kind: "inserted"; readonly name: string }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: "count" }
  | { readonly kind: "not"; readonly operand: Expression }
  | { readonly kind: "binary"; readonly op: BinaryOp; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "is-null"; readonly operand: Expression; readonly isNot: boolean }
  | { readonly kind: "in"; readonly operand: Expression; readonly list: readonly Expression[]; readonly isNot: boolean }
  | { readonly kind: "in-select"; readonly operand: Expression; readonly select: Select; readonly isNot: boolean }
  | { readonly kind: "exists"; readonly select: Select }
  | { readonly kind: "scalar"; readonly select: Select }
  | {
      readonly kind: "case";
      readonly whens: readonly { readonly condition: Expression; readonly value: Expression }[];
      readonly otherwise: Expression | null;
    };

export type BinaryOp = "and" | "or" | "=" | "<>" | "<" | "<=" | ">" | ">=" | "+" | "-" | "*" | "/" | "&";

export interface Source {
  readonly table: string;
  readonly alias: string;
}

export interface Join {
  readonly source: Source;
  readonly isLeft: boolean;
  readonly on: Expression;
}

export type Item =
  | { readonly kind: "star"; readonly table: string | null }
  | { readonly kind: "item"; readonly expression: Expression; readonly alias: string };

export type Locking = "none" | "share" | "update";

export interface Select {
  readonly kind: "select";
  readonly items: readonly Item[];
  readonly from: Source | null;
  readonly joins: readonly Join[];
  readonly where: Expression | null;
  readonly orderBy: readonly { readonly expression: Expression; readonly isDescending: boolean }[];
  readonly limit: Expression | null;
  readonly locking: Locking;
}

/** `union all`: the rows of all of them, in their order. */
export interface Union {
  readonly kind: "union";
  readonly selects: readonly Select[];
}

export interface Assignment {
  readonly column: string;
  readonly value: Expression;
}

export interface Insert {
  readonly kind: "insert";
  readonly table: string;
  /** null: all, in their order. */
  readonly columns: readonly string[] | null;
  readonly rows: readonly (readonly Expression[])[] | Select;
  /** `replace into` */
  readonly isReplacing: boolean;
  readonly onDuplicate: readonly Assignment[] | null;
}

export interface Update {
  readonly kind: "update";
  readonly table: string;
  readonly set: readonly Assignment[];
  readonly where: Expression | null;
}

export interface Delete {
  readonly kind: "delete";
  readonly table: string;
  readonly where: Expression | null;
}

export interface Ending {
  readonly kind: "commit" | "rollback";
}

/** A setting of the session. */
export interface Setting {
  readonly kind: "set";
  readonly name: string;
  readonly value: number;
}

export type Parsed = Select | Union | Insert | Update | Delete | Ending | Setting;
