/** Owns what an import of a Lua file gives: its text. */

declare module "*.lua" {
  const lua: string;
  export default lua;
}
