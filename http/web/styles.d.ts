/** Owns the types of style sheets: a page's script imports them for the bundler, and has nothing of them itself. */

declare module "*.css";
